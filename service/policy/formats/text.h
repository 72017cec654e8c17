// The text of a file that another tool reads, with bounds and in one encoding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

inline constexpr uint64_t kMaxFile = uint64_t{512} << 20;  // As a map's.
inline constexpr size_t kMaxLine = size_t{64} << 10;       // Two URLs as long as servers take.

struct File {
  std::string name;  // As it was given.
  std::string text;
};

// The lines of a file, without their ends (LF or CR LF) and without a byte order mark. Lines that
// are too long or not UTF-8 are reported and left out.
class Lines {
 public:
  Lines(const File& file, uint16_t index, Report& report);

  // False: the end.
  bool Next(std::string_view& line);
  // Of the line that Next gave.
  [[nodiscard]] Place place() const { return place_; }

 private:
  std::string_view rest_;
  Place place_;
  Report& report_;
};

// Whether all of a file that is no list of lines can be read; otherwise the report says why not.
// `text` comes back without a byte order mark.
[[nodiscard]] bool IsReadable(const File& file, uint16_t index, Report& report,
                              std::string_view& text);

// The words of a line, between blanks.
[[nodiscard]] std::vector<std::string_view> Words(std::string_view line);

}  // namespace fingerpost::policy::formats

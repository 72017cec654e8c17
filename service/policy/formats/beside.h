// Files that a file names: those in its own directory or below.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/formats/report.h"
#include "policy/formats/text.h"

namespace fingerpost::policy::formats {

class Beside {
 public:
  // `file` is the one that was given.
  explicit Beside(const std::string& file);

  // The files that `name` stands for, a "*" in its last part included, with their indexes in the
  // report. What is not there, leaves the directory or is read already is reported at `place`.
  [[nodiscard]] std::vector<std::pair<File, uint16_t>> Read(std::string_view name, Place place,
                                                            Report& report);

 private:
  static constexpr size_t kMaxFiles = 1000;

  std::string directory_;
  std::vector<std::string> read_;
};

}  // namespace fingerpost::policy::formats

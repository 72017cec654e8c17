// Texts replaced where they stand, in YAML and in CSV.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/faults.h"

namespace fingerpost::policy::mend {

// Where lines and columns of a YAML document are; columns count octets, as document/yaml.h does.
// Fast where each one asked for comes after the one before.
class Offsets {
 public:
  explicit Offsets(std::string_view text);
  [[nodiscard]] size_t Of(const message::Position& at);

 private:
  std::string_view text_;
  size_t first_;  // After a byte order mark, which has no column.
  message::Position last_ = {1, 1};
  size_t offset_;
};

struct Edit {
  size_t begin, end;  // Of what it replaces.
  std::string text;
};

// `to` in place of the value `from`, which begins at `offset`; it keeps its quotes, or gets some
// where it needs them. nullopt: it is not written there in one piece.
[[nodiscard]] std::optional<Edit> EditYaml(std::string_view text, size_t offset,
                                           std::string_view from, std::string_view to);

// `text` with those edits, which do not overlap.
[[nodiscard]] std::string Edited(std::string_view text, std::vector<Edit> edits);

// A row of a map, without its line end, with `target` in place of `from`, and with that code unless
// it is 0. nullopt: it has another target.
[[nodiscard]] std::optional<std::string> EditRow(std::string_view row, std::string_view from,
                                                 std::string_view target, int code);

}  // namespace fingerpost::policy::mend

// Texts replaced where they stand, in YAML and in CSV.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/message/faults.h"

namespace fingerpost::policy::mend {

// Replaces the value `from`, which begins at `at`, by `to`; it keeps its quotes, or gets some where
// it needs them. False: it is not written there in one piece, and `text` is unchanged.
[[nodiscard]] bool ReplaceYaml(std::string& text, const message::Position& at,
                               std::string_view from, std::string_view to);

// A row of a map, without its line end, with that target, and with that code unless it is 0.
[[nodiscard]] std::string ReplaceRow(std::string_view row, std::string_view target, int code);

}  // namespace fingerpost::policy::mend

// Texts that have a meaning in other tools, and are literal here.
#pragma once

#include <string>
#include <string_view>

namespace fingerpost::policy::lint {

// What looks like a pattern in a path: "*", ":id", "{", "(.*)", "[0-9]", or "$" at its end. "" for
// nothing.
[[nodiscard]] std::string PatternIn(std::string_view path);

// What looks like a reference to a capture in a target: "$1", "\\1", "${id}", ":splat", "*".
[[nodiscard]] std::string ReferenceIn(std::string_view target);

}  // namespace fingerpost::policy::lint

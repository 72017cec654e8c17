// Other tools' regular expressions, which find a match anywhere in a path, and "$1" in their
// targets.
#pragma once

#include <string>
#include <string_view>

namespace fingerpost::policy::formats {

// The RE2 pattern that matches the whole path where `expression` (PCRE) is found in it: "^/a" is
// "/a.*". Groups keep their numbers.
[[nodiscard]] std::string SearchPattern(std::string_view expression);

// `target` with "{1}" for "$1" and "\1".
[[nodiscard]] std::string GroupTarget(std::string_view target);

}  // namespace fingerpost::policy::formats

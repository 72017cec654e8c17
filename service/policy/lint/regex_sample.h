// A text that a regular expression matches.
#pragma once

#include <optional>
#include <string>

#include "re2/re2.h"

namespace fingerpost::policy::lint {

// What may be left out: is there, or is not.
enum class Optional : uint8_t { kThere, kLeftOut };

// A text that `regex` matches as a whole; nullopt where none was found, as for an expression that
// is too odd. `letter` stands where any one may.
[[nodiscard]] std::optional<std::string> SampleOf(const RE2& regex, Optional optional,
                                                  char letter = 'x');

}  // namespace fingerpost::policy::lint

// JSON for a parser of YAML, which has most of JSON.
#pragma once

#include <string>
#include <string_view>

namespace fingerpost::policy::formats {

// With the two escapes of a character beyond U+FFFF (RFC 8259 §7) as the character itself: YAML
// takes each for a character of its own. Lines stay.
[[nodiscard]] std::string WithoutSurrogates(std::string_view json);

}  // namespace fingerpost::policy::formats

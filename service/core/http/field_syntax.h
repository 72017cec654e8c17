// The syntax of values that an intent puts into a field unchanged.
#pragma once

#include <string_view>

namespace fingerpost::http {

// "type/subtype" (RFC 9110 §8.3.1), without parameters.
[[nodiscard]] bool IsMediaType(std::string_view text);

// RFC 5646 §2.1, roughly: subtags of 1 to 8 letters and digits.
[[nodiscard]] bool IsLanguageTag(std::string_view text);

// Whether a challenge of WWW-Authenticate (RFC 9110 §11.6.1) keeps the field intact: visible ASCII
// that begins with a token, with every quoted-string closed (§5.6.4).
[[nodiscard]] bool IsChallenge(std::string_view text);

}  // namespace fingerpost::http

// Syntax of what an intent puts into a field as it stands.
#pragma once

#include <string_view>

namespace fingerpost::http {

// "type/subtype" (RFC 9110 §8.3.1), without parameters.
[[nodiscard]] bool IsMediaType(std::string_view text);

// RFC 5646 §2.1, roughly: subtags of 1 to 8 letters and digits.
[[nodiscard]] bool IsLanguageTag(std::string_view text);

// A challenge of WWW-Authenticate (RFC 9110 §11.6.1) as far as it must not spoil the field: visible
// ASCII that begins with a token, and every quoted-string ends (§5.6.4).
[[nodiscard]] bool IsChallenge(std::string_view text);

}  // namespace fingerpost::http

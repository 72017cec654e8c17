// Percent-encoding (RFC 3986 §2.1).
#pragma once

#include <string>
#include <string_view>

namespace fingerpost::http {

// RFC 3986 §2.3: letters, digits, "-", ".", "_" and "~", which need no encoding in any URL.
[[nodiscard]] inline bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// Whether `text` begins with "%" and two hexadecimal digits.
[[nodiscard]] bool IsEscape(std::string_view text);
// Whether a "%" in `text` begins no escape.
[[nodiscard]] bool HasBarePercent(std::string_view text);
// Appends "%2F" for "/".
void AppendEscape(char octet, std::string& out);
// The text with each escape decoded. A "%" that begins none stays.
[[nodiscard]] std::string Decode(std::string_view text);

// Appends text, with all characters percent-encoded except unreserved ones.
void AppendEncoded(std::string_view text, std::string& out);

// Writes the ASCII letters of a part of a URL in lower case, those that are percent-encoded too:
// "%41" becomes "%61", so that one octet stays one. Other percent-encoding stays as it is.
void LowerCase(std::string& text);

}  // namespace fingerpost::http

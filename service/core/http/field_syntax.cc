#include "core/http/field_syntax.h"

#include <algorithm>
#include <cstddef>

#include "core/http/fields.h"

namespace fingerpost::http {
namespace {

bool IsVisibleAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// Whether every quoted-string ends (RFC 9110 §5.6.4).
bool QuotesAreClosed(std::string_view text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    }
  }
  return !quoted;
}

}  // namespace

bool IsMediaType(std::string_view text) {
  const size_t slash = text.find('/');
  return slash != std::string_view::npos && IsToken(text.substr(0, slash)) &&
         IsToken(text.substr(slash + 1));
}

bool IsLanguageTag(std::string_view text) {
  size_t length = 0;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (c >= '0' && c <= '9')) {
      if (++length > 8) return false;
    } else if (c == '-' && length > 0) {
      length = 0;
    } else {
      return false;
    }
  }
  return length > 0;
}

bool IsChallenge(std::string_view text) {
  return IsVisibleAscii(text) && QuotesAreClosed(text) && IsToken(text.substr(0, text.find(' ')));
}

}  // namespace fingerpost::http

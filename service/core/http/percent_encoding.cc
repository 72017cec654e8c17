#include "core/http/percent_encoding.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "ada.h"

namespace fingerpost::http {
namespace {

bool IsHex(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

}  // namespace

bool IsEscape(std::string_view text) {
  return text.size() > 2 && text[0] == '%' && IsHex(text[1]) && IsHex(text[2]);
}

bool HasBarePercent(std::string_view text) {
  for (size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
    if (!IsEscape(text.substr(at))) return true;
  }
  return false;
}

void AppendEscape(char octet, std::string& out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  out += '%';
  out += kHex[static_cast<uint8_t>(octet) >> 4];
  out += kHex[static_cast<uint8_t>(octet) & 15];
}

std::string Decode(std::string_view text) {
  return ada::unicode::percent_decode(text, text.find('%'));
}

void AppendEncoded(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      AppendEscape(c, out);
    }
  }
}

void LowerCase(std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsEscape(std::string_view(text).substr(i))) {
      const int octet = std::stoi(text.substr(i + 1, 2), nullptr, 16);
      if (octet >= 'A' && octet <= 'Z') text[i + 1] = static_cast<char>(text[i + 1] + 2);
      i += 2;
    } else if (text[i] >= 'A' && text[i] <= 'Z') {
      text[i] = static_cast<char>(text[i] - 'A' + 'a');
    }
  }
}

}  // namespace fingerpost::http

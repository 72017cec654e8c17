#include "core/http/percent_encoding.h"

#include <cstdint>

#include "absl/strings/ascii.h"

namespace fingerpost::http {
namespace {

bool IsHex(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

}  // namespace

void AppendEncoded(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      const auto octet = static_cast<uint8_t>(c);
      out += '%';
      out += kHex[octet >> 4];
      out += kHex[octet & 15];
    }
  }
}

void LowerCase(std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && IsHex(text[i + 1]) && IsHex(text[i + 2])) {
      const int octet = std::stoi(text.substr(i + 1, 2), nullptr, 16);
      if (octet >= 'A' && octet <= 'Z') text[i + 1] = static_cast<char>(text[i + 1] + 2);
      i += 2;
    } else if (text[i] >= 'A' && text[i] <= 'Z') {
      text[i] = static_cast<char>(text[i] - 'A' + 'a');
    }
  }
}

}  // namespace fingerpost::http

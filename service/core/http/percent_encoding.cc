#include "core/http/percent_encoding.h"

#include <cstdint>

namespace fingerpost::http {
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

}  // namespace fingerpost::http

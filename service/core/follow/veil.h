// The veil: "%" and two letters from g to v, one for each half of the octet. No text contains one
// before, because each "%" without two hexadecimal digits is veiled, too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fingerpost::follow {

inline char Octet(char high, char low) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  return static_cast<char>(digit(high) << 4 | digit(low));
}

// Capitals veil what is written as it is, whatever the client's rules: Unveil puts kRaw before it.
inline constexpr char kVeiled = 'g';
inline constexpr char kVeiledRaw = 'G';
inline constexpr char kRaw = '\n';  // In no Location (RFC 9110 §5.5).

inline bool IsVeiled(std::string_view text, char first) {
  const auto half = [first](char c) { return c >= first && c < first + 16; };
  return text.size() > 2 && text[0] == '%' && half(text[1]) && half(text[2]);
}
inline void AppendVeiled(char c, std::string& out, char first = kVeiled) {
  const auto octet = static_cast<uint8_t>(c);
  out += '%';
  out += static_cast<char>(first + (octet >> 4));
  out += static_cast<char>(first + (octet & 15));
}
inline std::string Unveil(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const bool raw = IsVeiled(text, kVeiledRaw);
    const char first = raw ? kVeiledRaw : kVeiled;
    const bool veiled = raw || IsVeiled(text, kVeiled);
    if (raw) plain += kRaw;
    plain += veiled ? static_cast<char>((text[1] - first) << 4 | (text[2] - first)) : text.front();
    text.remove_prefix(veiled ? 3 : 1);
  }
  return plain;
}

}  // namespace fingerpost::follow

#include "server/otlp/trace_context.h"

#include <algorithm>

namespace fingerpost {
namespace {

// version "-" trace-id "-" parent-id "-" flags; a later version may have more after it.
constexpr size_t kLength = 55;
constexpr size_t kTrace = 3;
constexpr size_t kSpan = 36;
constexpr size_t kFlags = 53;
constexpr uint8_t kSampled = 1;

// Upper-case digits are invalid. -1: none.
int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Whether `text` begins with so many octets in hexadecimal digits.
template <size_t N>
bool Read(std::string_view text, std::array<uint8_t, N>& octets) {
  for (size_t i = 0; i < N; ++i) {
    const int high = DigitOf(text[2 * i]);
    const int low = DigitOf(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    octets[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

template <size_t N>
bool IsZero(const std::array<uint8_t, N>& octets) {
  return std::all_of(octets.begin(), octets.end(), [](uint8_t octet) { return octet == 0; });
}

}  // namespace

std::optional<TraceParent> ParseTraceParent(std::string_view value) {
  if (value.size() < kLength || value[kTrace - 1] != '-' || value[kSpan - 1] != '-' ||
      value[kFlags - 1] != '-') {
    return {};
  }
  std::array<uint8_t, 1> version;
  std::array<uint8_t, 1> flags;
  TraceParent parent;
  if (!Read(value, version) || !Read(value.substr(kTrace), parent.trace) ||
      !Read(value.substr(kSpan), parent.span) || !Read(value.substr(kFlags), flags) ||
      version[0] == 0xff || IsZero(parent.trace) || IsZero(parent.span)) {
    return {};
  }
  const bool has_more = value.size() > kLength;
  if (has_more && (version[0] == 0 || value[kLength] != '-')) return {};
  parent.sampled = (flags[0] & kSampled) != 0;
  return parent;
}

std::string TraceState(std::string_view value) {
  constexpr size_t kLongest = 512;
  const bool printable =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return printable && value.size() <= kLongest ? std::string(value) : std::string();
}

std::string ToText(const TraceParent& parent) {
  return "00-" + ToHex(parent.trace) + '-' + ToHex(parent.span) + (parent.sampled ? "-01" : "-00");
}

std::string ToHex(std::span<const uint8_t> octets) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t octet : octets) {
    text += kDigits[octet >> 4];
    text += kDigits[octet & 0xf];
  }
  return text;
}

}  // namespace fingerpost

#include "policy/formats/json_text.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace fingerpost::policy::formats {
namespace {

// The number of "\\uXXXX" at the start of `text`.
std::optional<uint32_t> Escape(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, number, 16);
  if (error != std::errc() || end != text.data() + 6) return std::nullopt;
  return number;
}

// Of U+10000 and above.
void AppendUtf8(uint32_t character, std::string& out) {
  out += static_cast<char>(0xF0 | (character >> 18));
  out += static_cast<char>(0x80 | ((character >> 12) & 0x3F));
  out += static_cast<char>(0x80 | ((character >> 6) & 0x3F));
  out += static_cast<char>(0x80 | (character & 0x3F));
}

}  // namespace

std::string WithoutSurrogates(std::string_view json) {
  std::string out;
  while (!json.empty()) {
    const auto high = Escape(json);
    if (high && *high >= 0xD800 && *high < 0xDC00) {
      const auto low = Escape(json.substr(6));
      if (low && *low >= 0xDC00 && *low < 0xE000) {
        AppendUtf8(0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00), out);
        json.remove_prefix(12);
        continue;
      }
    }
    // "\\\\" is a backslash, whatever follows.
    const size_t size = json[0] == '\\' && json.size() > 1 ? 2 : 1;
    out += json.substr(0, size);
    json.remove_prefix(size);
  }
  return out;
}

}  // namespace fingerpost::policy::formats

#include "policy/formats/yaml_text.h"

#include <algorithm>

namespace fingerpost::policy::formats {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Begins as no number, tag or mark does, and has nothing that means something in YAML.
bool IsPlain(std::string_view text) {
  if (text.empty() || !(IsLetter(text[0]) || text[0] == '/' || text[0] == '.')) return false;
  for (const std::string_view word : {"true", "false", "null", "yes", "no", "on", "off"}) {
    if (text == word) return false;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool colon = c == ':' && i + 1 < text.size() && text[i + 1] == '/';
    const bool blank = c == ' ' && i + 1 < text.size() &&
                       (IsLetter(text[i + 1]) || IsDigit(text[i + 1]) || text[i + 1] == '/');
    if (!IsLetter(c) && !IsDigit(c) && !colon && !blank &&
        std::string_view("/._-%=+~()").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return text.front() != '.' || (text.size() > 1 && IsLetter(text[1]));
}

}  // namespace

std::string YamlText(std::string_view text) {
  if (IsPlain(text)) return std::string(text);
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c != '\x7F'; });
  std::string out;
  if (printable && text.find('\\') != text.npos) {
    for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
    return "'" + out + "'";
  }
  constexpr char kHex[] = "0123456789abcdef";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (octet < ' ' || octet == 0x7F) {
      out += "\\x";
      out += kHex[octet >> 4];
      out += kHex[octet & 0xF];
    } else {
      out += c;
    }
  }
  return '"' + out + '"';
}

std::string YamlList(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + YamlText(text);
  return '[' + out + ']';
}

}  // namespace fingerpost::policy::formats

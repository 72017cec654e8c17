#include "core/http/markup.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace fingerpost::http {
namespace {

using namespace std::string_view_literals;

constexpr std::array<bool, 256> MarkupTable() {
  std::array<bool, 256> table{};
  for (const char c : "&<>\"'"sv) table[static_cast<uint8_t>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kMarkup = MarkupTable();

std::string_view Reference(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

// The first such character at or after `from`, or the end.
size_t FindMarkup(std::string_view text, size_t from) {
  while (from < text.size() && !kMarkup[static_cast<uint8_t>(text[from])]) ++from;
  return from;
}

}  // namespace

void AppendEscaped(std::string_view text, std::string& out) {
  for (size_t from = 0; from < text.size();) {
    const size_t at = FindMarkup(text, from);
    out.append(text, from, at - from);
    if (at == text.size()) return;
    out += Reference(text[at]);
    from = at + 1;
  }
}

std::string Escaped(std::string_view text) {
  std::string out;
  AppendEscaped(text, out);
  return out;
}

std::string_view Escaped(std::string_view text, std::string& escaped) {
  if (FindMarkup(text, 0) == text.size()) return text;
  AppendEscaped(text, escaped);
  return escaped;
}

}  // namespace fingerpost::http

#include "policy/compiled/path.h"

#include <re2/re2.h>

#include <array>
#include <cstddef>

#include "core/http/fields.h"
#include "core/http/percent_encoding.h"
#include "core/http/url.h"
#include "core/message/utf8.h"

namespace fingerpost::policy::compiled {
namespace {

// Characters of a path that no parser changes. Most paths have only these, and need not be parsed.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789-_~/!$&()*+,;=:@")) {
    plain[static_cast<unsigned char>(c)] = true;
  }
  return plain;
}();

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string_view NormalPath(std::string_view path, std::string& buffer) {
  const size_t first = path.find('%');
  if (first == path.npos) return path;
  constexpr char kHex[] = "0123456789ABCDEF";
  buffer.assign(path, 0, first);
  for (size_t i = first; i < path.size(); ++i) {
    const int high = path[i] == '%' && i + 2 < path.size() ? HexValue(path[i + 1]) : -1;
    const int low = high >= 0 ? HexValue(path[i + 2]) : -1;
    if (low < 0) {
      buffer += path[i];
      continue;
    }
    const char decoded = static_cast<char>(high * 16 + low);
    if (http::IsUnreserved(decoded)) {
      buffer += decoded;
    } else {
      buffer += '%';
      buffer += kHex[high];
      buffer += kHex[low];
    }
    i += 2;
  }
  return buffer;
}

bool IsPlainPath(std::string_view text) {
  if (!text.starts_with('/') || text.starts_with("//")) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kPlain[static_cast<unsigned char>(text[i])]) continue;
    if (text[i] != '.' || text[i - 1] == '/') return false;
  }
  return true;
}

std::optional<std::string> ParsePath(std::string_view text) {
  if (IsPlainPath(text)) return std::string(text);
  if (!text.starts_with('/') || text.find_first_of("?#") != text.npos || http::HasControl(text)) {
    return std::nullopt;
  }
  // Parsed after an authority, so that "//a" is a path rather than a host.
  const auto url = http::ParseUrl("http://h" + std::string(text));
  if (!url) return std::nullopt;
  std::string buffer;
  return std::string(NormalPath(url->get_pathname(), buffer));
}

std::string PathText(std::string_view part) {
  std::string text;
  for (size_t i = 0; i < part.size(); ++i) {
    const int high = part[i] == '%' && i + 2 < part.size() ? HexValue(part[i + 1]) : -1;
    const int low = high >= 0 ? HexValue(part[i + 2]) : -1;
    text += low < 0 ? part[i] : static_cast<char>(high * 16 + low);
    if (low >= 0) i += 2;
  }
  return message::IsUtf8(text) && !http::HasControl(text) ? text : std::string(part);
}

std::string GlobToRegex(std::string_view path) {
  std::string regex;
  while (!path.empty()) {
    const std::string_view literal = path.substr(0, path.find('*'));
    regex += RE2::QuoteMeta(re2::StringPiece(literal.data(), literal.size()));
    path.remove_prefix(literal.size());
    if (path.starts_with("**")) {
      regex += "(.*)";
      path.remove_prefix(2);
    } else if (path.starts_with('*')) {
      regex += "([^/]*)";
      path.remove_prefix(1);
    }
  }
  return regex;
}

bool IsUnder(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace fingerpost::policy::compiled

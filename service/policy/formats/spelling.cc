#include "policy/formats/spelling.h"

#include <absl/strings/str_replace.h>

#include "core/decide/placeholders.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "policy/compiled/path.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kMaxTarget = 8000;  // RFC 9110 §4.1.

// With some labels for those of the request's host, and without what is captured of its path.
std::string BeforeCaptures(std::string_view target) {
  const std::string filled = absl::StrReplaceAll(std::string(target), {{"{0}", "www"}});
  return filled.substr(0, filled.find('{'));
}

}  // namespace

std::optional<std::string> LiteralPattern(std::string_view literal) {
  const std::optional<std::string> path = compiled::ParsePath(literal);
  if (!path) return std::nullopt;
  return Quoted(*path);
}

std::string Quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\.+*?()[]{}^$|").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string WithoutPlaceholders(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '{') {
      out += "%7B";
    } else if (c == '}') {
      out += "%7D";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Encoded(std::string_view decoded) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : decoded) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet <= ' ' || octet >= 0x7F ||
        std::string_view("\"<>`%?#\\^|{}").find(c) != std::string_view::npos) {
      out += '%';
      out += kHex[octet >> 4];
      out += kHex[octet & 0xF];
    } else {
      out += c;
    }
  }
  return out;
}

bool IsAbsolute(std::string_view text) {
  return http::StartsWithIgnoreCase(text, "http://") ||
         http::StartsWithIgnoreCase(text, "https://");
}

std::string_view TargetFault(std::string_view target) {
  if (target.empty()) return "has no target";
  if (target.size() > kMaxTarget) return "its target is longer than 8000 octets";
  if (http::HasControl(target)) return "its target holds a control character";
  if (target.starts_with("//") || target.starts_with("/\\")) {
    return "its target begins with \"//\", which names a host and no scheme";
  }
  if (target.starts_with('/')) return {};
  if (http::LacksTwoSlashes(target)) return "its target has not exactly two slashes after http:";
  const auto url = http::ParseUrl(BeforeCaptures(target));
  if (!url || !http::IsHttp(*url)) return "its target is neither a path nor an http or https URL";
  return http::HasUserinfo(*url) ? "its target has a user name" : std::string_view();
}

std::string TargetHost(std::string_view target) {
  if (!IsAbsolute(target)) return {};
  if (const auto end = decide::HostAfterPlaceholder(target)) return std::string(*end);
  const auto url = http::ParseUrl(BeforeCaptures(target));
  return url ? std::string(url->get_host()) : std::string();
}

}  // namespace fingerpost::policy::formats

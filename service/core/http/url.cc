#include "core/http/url.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/http/addresses.h"
#include "core/http/fields.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::http {
namespace {

constexpr std::array<bool, 256> NoUriTable() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view(" \"<>\\^`{|}")) table[static_cast<uint8_t>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kNoUri = NoUriTable();

bool IsNoUri(char c) { return kNoUri[static_cast<uint8_t>(c)]; }

}  // namespace

std::optional<Url> ParseUrl(std::string_view text, const Url* base) {
  auto url = ada::parse<Url>(text, base);
  if (!url) return std::nullopt;
  return std::move(*url);
}

bool ParseUrl(std::string_view text, const Url* base, Url& url) {
  auto parsed = ada::parse<Url>(text, base);
  if (!parsed) return false;
  url = std::move(*parsed);
  return true;
}

bool LacksTwoSlashes(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);  // Like the parser.
  for (const std::string_view scheme : {"http:", "https:"}) {
    if (!StartsWithIgnoreCase(text, scheme)) continue;
    text.remove_prefix(scheme.size());
    return !text.starts_with("//") || text.substr(2).starts_with('/') ||
           text.substr(2).starts_with('\\');
  }
  return false;
}

bool IsHttp(const Url& url) {
  return url.type == ada::scheme::type::HTTP || url.type == ada::scheme::type::HTTPS;
}

bool IsHttps(const Url& url) { return url.type == ada::scheme::type::HTTPS; }

uint16_t EffectivePort(const Url& url) {
  const std::string_view port = url.get_port();
  if (port.empty()) return url.get_special_port();
  uint16_t number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  return number;
}

bool SameOrigin(const Url& a, const Url& b) {
  // get_host() has the port unless it is the scheme's default. Only schemes that are not special
  // share a type.
  return a.type == b.type && a.get_host() == b.get_host() &&
         (a.is_special() || a.get_protocol() == b.get_protocol());
}

std::string OriginOf(const Url& url) {
  std::string origin;
  origin.reserve(url.get_href().size());  // Room for a path, which often follows.
  origin += url.get_protocol();
  origin += "//";
  origin += url.get_host();
  return origin;
}

bool HasUserinfo(const Url& url) { return url.has_credentials(); }

void StripUserinfo(Url& url) {
  url.set_username("");
  url.set_password("");
}

bool IsIpAddress(const Url& url) { return IsAddress(url.get_hostname()); }

std::string_view WithoutFragment(const Url& url) {
  const std::string_view href = url.get_href();
  const uint32_t hash = url.get_components().hash_start;
  return hash == ada::url_components::omitted ? href : href.substr(0, hash);
}

std::string_view UpToPath(const Url& url) {
  return url.get_href().substr(0, url.get_components().pathname_start);
}

std::string_view FromPathOn(const Url& url) {
  return url.get_href().substr(url.get_components().pathname_start);
}

bool HasNoUri(std::string_view text) { return std::any_of(text.begin(), text.end(), IsNoUri); }

void WriteAsUri(Url& url) {
  const std::string_view rest = FromPathOn(url);
  if (!HasNoUri(rest)) return;
  std::string text(url.get_href().substr(0, url.get_components().pathname_start));
  for (const char& c : rest) {
    if (IsNoUri(c)) {
      AppendEncoded({&c, 1}, text);
    } else {
      text += c;
    }
  }
  (void)ParseUrl(text, nullptr, url);  // This cannot fail: it was a URL before.
}

std::string Redacted(const Url& url) {
  std::string text = OriginOf(url);
  text += url.get_pathname();
  return text;
}

}  // namespace fingerpost::http

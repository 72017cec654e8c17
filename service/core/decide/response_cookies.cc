#include "core/decide/response_cookies.h"

#include <algorithm>
#include <array>

#include "core/decide/flash.h"
#include "core/http/domain_match.h"
#include "core/http/fields.h"
#include "core/http/hosts.h"

namespace fingerpost::decide {
namespace {

constexpr int kMaxCookies = 16;
constexpr size_t kMaxName = 256;
// Name and value have at most 4096 octets, and an attribute 1024 (RFC 6265bis §5.6).
constexpr size_t kMaxValue = 3072;
constexpr size_t kMaxPath = 1024;
constexpr int64_t kMaxAge = int64_t{400} * 24 * 3600;  // RFC 6265bis §5.5.

// What a name promises (RFC 6265bis §4.1.3); clients compare it case-insensitively (§5.7).
struct Prefix {
  std::string_view text;
  bool host_only;  // Path=/ and no Domain, besides Secure.
};
constexpr std::array<Prefix, 2> kPrefixes = {{{"__Secure-", false}, {"__Host-", true}}};

const Prefix* PrefixOf(const v1::ResponseCookie& cookie) {
  const auto* found =
      std::find_if(kPrefixes.begin(), kPrefixes.end(), [&cookie](const Prefix& prefix) {
        return http::StartsWithIgnoreCase(cookie.name(), prefix.text);
      });
  return found == kPrefixes.end() ? nullptr : found;
}

bool NeedsSecure(const v1::ResponseCookie& cookie) {
  return PrefixOf(cookie) != nullptr || cookie.same_site() == v1::SAME_SITE_NONE;
}

// cookie-octet (RFC 6265bis §4.1.1).
bool IsCookieOctet(char c) {
  return c > 0x20 && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\';
}

bool IsValue(std::string_view text) {
  return text.size() <= kMaxValue && std::all_of(text.begin(), text.end(), IsCookieOctet);
}

// Clients trim blanks off the end (RFC 6265bis §5.6).
bool IsPath(std::string_view text) {
  return text.starts_with('/') && !text.ends_with(' ') && text.size() <= kMaxPath &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F && c != ';'; });
}

// Whether it is a host's name as a URL has it, and ends no attribute. An address has no subdomains.
bool IsDomain(const std::string& text) {
  constexpr std::string_view kHostOctets = "abcdefghijklmnopqrstuvwxyz0123456789-._";
  if (text.find_first_not_of(kHostOctets) != std::string::npos) return false;
  if (text.starts_with('.') || text.ends_with('.')) return false;
  const auto url = http::ParseUrl("https://" + text + "/");
  return url && url->get_hostname() == text && !http::IsIpAddress(*url);
}

void CheckPrefix(const v1::ResponseCookie& cookie, const message::Place& at,
                 message::Faults& faults) {
  if (cookie.has_secure() && !cookie.secure() && NeedsSecure(cookie)) {
    faults.Error(at["secure"],
                 "clients refuse SameSite=None, \"__Secure-\" and \"__Host-\" without Secure (RFC "
                 "6265bis §5.7)");
  }
  const Prefix* prefix = PrefixOf(cookie);
  if (prefix == nullptr || !prefix->host_only) return;
  if (!cookie.domain().empty()) {
    faults.Error(at["domain"], "a \"__Host-\" cookie has no domain (RFC 6265bis §4.1.3.2)");
  }
  if (!cookie.path().empty() && cookie.path() != "/") {
    faults.Error(at["path"], "a \"__Host-\" cookie has the path \"/\" (RFC 6265bis §4.1.3.2)");
  }
}

void CheckCookie(const v1::ResponseCookie& cookie, const message::Place& at,
                 message::Faults& faults) {
  if (!http::IsToken(cookie.name()) || cookie.name().size() > kMaxName) {
    faults.Error(at["name"], "required: a token of at most 256 octets (RFC 6265bis §4.1.1)");
  }
  if (!IsValue(cookie.value())) {
    faults.Error(at["value"],
                 "expected at most 3072 octets of printable ASCII without space, quotation mark, "
                 "comma, semicolon and backslash (RFC 6265bis §4.1.1)");
  }
  if (!cookie.path().empty() && !IsPath(cookie.path())) {
    faults.Error(at["path"],
                 "expected \"/\" and at most 1023 octets of printable ASCII without \";\"");
  }
  if (!cookie.domain().empty()) {
    if (!IsDomain(cookie.domain())) {
      faults.Error(at["domain"],
                   "expected a host's name in lower case, without a first \".\": \"example.com\"");
    } else if (http::IsPublicSuffix(cookie.domain())) {
      faults.Error(at["domain"],
                   "is a public suffix, for which clients refuse cookies (RFC "
                   "6265bis §5.7)");
    }
  }
  const google::protobuf::Duration& age = cookie.max_age();
  if (age.nanos() != 0 || age.seconds() < 0 || age.seconds() > kMaxAge) {
    faults.Error(at["max_age"], "expected whole seconds from 0 s to 34560000 s");
  }
  if (!v1::SameSite_IsValid(cookie.same_site())) {
    faults.Error(at["same_site"], "not a value of this version: " +
                                      std::to_string(static_cast<int>(cookie.same_site())));
  }
  CheckPrefix(cookie, at, faults);
}

// What else of the answer sets a cookie of that name; empty: nothing.
std::string_view OtherSetter(const v1::Intent& intent, const v1::Defaults& defaults,
                             std::string_view name) {
  if (intent.sticky_key().has_assign() && intent.sticky_key().cookie() == name) {
    return "sticky_key.assign sets it, too";
  }
  const bool hosts = name.starts_with("__Host-");
  if (intent.has_flash() && name.substr(hosts ? 7 : 0) == FlashName(intent, defaults)) {
    return "flash sets it, too";
  }
  return {};
}

bool DomainHolds(const v1::ResponseCookie& cookie, const http::Url& url) {
  return cookie.domain().empty() ||
         http::DomainMatches(url.get_hostname(), cookie.domain(), http::IsIpAddress(url));
}

bool IsSecure(const v1::ResponseCookie& cookie, const http::Url& url) {
  return cookie.has_secure() ? cookie.secure() : http::IsHttps(url);
}

// Why the client would refuse it in an answer to `url` (RFC 6265bis §5.7); empty: it would not.
std::string_view WhyRefused(const v1::ResponseCookie& cookie, const http::Url& url) {
  if (!DomainHolds(cookie, url)) return "its domain is not the host's own";
  const bool secure = IsSecure(cookie, url);
  if (secure && !http::IsTrustworthy(url)) return "Secure, over http";
  if (!secure && NeedsSecure(cookie)) return "without Secure, over http";
  return {};
}

std::string_view SameSiteOf(const v1::ResponseCookie& cookie) {
  switch (cookie.same_site()) {
    case v1::SAME_SITE_NONE:
      return "None";
    case v1::SAME_SITE_STRICT:
      return "Strict";
    default:
      return "Lax";
  }
}

void AppendCookie(const v1::ResponseCookie& cookie, const http::Url& url, std::string& line) {
  line.append(cookie.name()).append("=").append(cookie.value());
  line.append("; Path=").append(cookie.path().empty() ? "/" : cookie.path());
  if (!cookie.domain().empty()) line.append("; Domain=").append(cookie.domain());
  if (cookie.has_max_age()) {
    line.append("; Max-Age=").append(std::to_string(cookie.max_age().seconds()));
  }
  if (IsSecure(cookie, url)) line += "; Secure";
  if (!cookie.has_http_only() || cookie.http_only()) line += "; HttpOnly";
  line.append("; SameSite=").append(SameSiteOf(cookie));
}

}  // namespace

void CheckCookies(const v1::Intent& intent, const v1::Defaults& defaults, const message::Place& at,
                  message::Faults& faults) {
  const auto& cookies = intent.cookies();
  const message::Place list = at["cookies"];
  if (cookies.size() > kMaxCookies) {
    faults.Error(list, "at most 16, got " + std::to_string(cookies.size()));
    return;
  }
  for (int i = 0; i < cookies.size(); ++i) {
    CheckCookie(cookies[i], list[i], faults);
    const std::string& name = cookies[i].name();
    const auto own = cookies.begin() + i;
    if (std::any_of(cookies.begin(), own, [&name](const auto& c) { return c.name() == name; })) {
      faults.Error(list.Element(i, "name"), "an earlier cookie has this name");
    } else if (const std::string_view setter = OtherSetter(intent, defaults, name);
               !setter.empty()) {
      faults.Error(list.Element(i, "name"), setter);
    }
  }
  const v1::CacheWish& cache = intent.cache();
  constexpr std::string_view kShared =
      "not with cookies: a shared cache would give one visitor's cookie to everybody (RFC 9111 "
      "§7.3)";
  if (cache.visibility() == v1::VISIBILITY_PUBLIC) faults.Error(at["cache.visibility"], kShared);
  if (cache.has_shared_max_age()) faults.Error(at["cache.shared_max_age"], kShared);
}

bool SetsCookies(const Question& question) {
  const auto& cookies = question.intent.cookies();
  return std::any_of(cookies.begin(), cookies.end(), [&question](const auto& cookie) {
    return WhyRefused(cookie, *question.url).empty();
  });
}

void WriteCookies(const Question& question, AnswerWriter& answer) {
  for (const v1::ResponseCookie& cookie : question.intent.cookies()) {
    const std::string_view why = WhyRefused(cookie, *question.url);
    if (why.empty()) {
      AppendCookie(cookie, *question.url, answer.Field(kSetCookie));
    } else {
      answer.Warn(v1::WARNING_CODE_COOKIE_REFUSED, cookie.name() + ", " + std::string(why));
    }
  }
}

}  // namespace fingerpost::decide

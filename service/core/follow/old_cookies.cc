#include "core/follow/old_cookies.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/http/fields.h"

namespace fingerpost::follow {
namespace {

bool HasVersion(const v1::Cookie* cookie) { return !cookie->version().empty(); }

// A Version; nullopt: it is no number.
std::optional<int32_t> ReadNumber(const std::optional<std::string_view>& value) {
  if (!value) return std::nullopt;
  const std::string_view text = WithoutQuotes(*value);
  int32_t number = 0;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &number)) return std::nullopt;
  return number;
}

// java.net.HttpCookie guesses from the words of the whole field. A Version that it does not know is
// an error even then.
message::Result<std::string, std::string_view> Guess(std::string_view text, const SetCookie& set) {
  const int32_t number = ReadNumber(set.version).value_or(0);
  if (number < 0 || number > 1) return message::Unexpected("its Version is unknown");
  const std::string words = http::ToLowerAscii(text);
  const bool old = words.find("expires=") == words.npos &&
                   (words.find("version=") != words.npos || words.find("max-age") != words.npos);
  return std::string(old ? "\"1\"" : "");
}

// RFC 2109 §4.3.2: the host itself, or a domain with a dot in front and one inside, to which the
// host adds one label.
bool MayBeOf(std::string_view domain, std::string_view host) {
  if (domain == host) return true;
  if (!domain.starts_with('.') || !host.ends_with(domain)) return false;
  const size_t dot = domain.find('.', 1);
  return dot != domain.npos && dot + 1 < domain.size() &&
         host.substr(0, host.size() - domain.size()).find('.') == host.npos;
}

// Path and Domain, as far as Set-Cookie has them.
void AppendGiven(const SetCookie& set, std::string_view domain, OldCookies rule,
                 v1::Cookie& cookie) {
  const char* quote = rule == OldCookies::kAttribute ? "" : "\"";
  std::string& out = *cookie.mutable_attributes();
  if (set.path) absl::StrAppend(&out, "; $Path=", quote, cookie.path(), quote);
  if (!domain.empty()) absl::StrAppend(&out, "; $Domain=", quote, std::string(domain), quote);
}

// One cookie with what follows its value.
std::string Pair(const v1::Cookie& cookie, bool with_version, OldCookies rule) {
  const std::string& name = cookie.name();
  if (!with_version) return absl::StrCat(name, name.empty() ? "" : "=", cookie.value());
  const char* quote = rule == OldCookies::kAttribute ? "" : "\"";
  return absl::StrCat(name, "=", quote, cookie.value(), quote, cookie.attributes());
}

}  // namespace

bool IsVersion(std::string_view text) {
  constexpr size_t kLongest = 16;
  return text.size() <= kLongest && text.find_first_not_of("0123456789\"") == text.npos &&
         ReadNumber(text).has_value();
}

message::Result<std::string, std::string_view> VersionOf(std::string_view text,
                                                         const SetCookie& set,
                                                         const JarRule& rule) {
  if (rule.old_cookies == OldCookies::kGuessed) return Guess(text, set);
  const bool own_fields = rule.old_cookies == OldCookies::kOwnFields;
  if (rule.old_cookies == OldCookies::kRefused) {
    if (set.has_version && ReadNumber(set.version).value_or(2) > 1)
      return message::Unexpected("its Version is not 0 or 1");
    return std::string();
  }
  if (!(own_fields ? set.has_version && !set.has_expires : set.version.has_value()))
    return std::string();
  const std::optional<int32_t> number = ReadNumber(set.version);
  if (!number) return message::Unexpected("its Version is not a number");
  if (*number <= 0) return std::string();
  const bool keeps_quotes = !own_fields && set.version->starts_with('"');
  return absl::StrCat(keeps_quotes ? "\"" : "", *number, keeps_quotes ? "\"" : "");
}

Allowed ApplyVersion(const SetCookie& set, const http::Url& url, const JarRule& rule,
                     v1::Cookie& cookie) {
  if (set.sent_version.empty()) return {};
  const std::string_view host = url.get_hostname();
  const std::string written = set.domain ? http::ToLowerAscii(*set.domain) : std::string();
  cookie.set_version(set.sent_version);
  if (rule.old_cookies == OldCookies::kOwnFields && set.domain && !MayBeOf(written, host))
    return message::Unexpected("Domain is not the host, nor a parent of it with a dot");
  if (rule.old_cookies != OldCookies::kAttribute && !written.starts_with('.'))
    cookie.set_host_only(true);
  if (rule.old_cookies == OldCookies::kGuessed) {
    const std::string local = host.find('.') == host.npos ? ".local" : "";
    cookie.set_attributes(
        absl::StrCat(";$Path=\"", cookie.path(), "\";$Domain=\"",
                     written.empty() ? absl::StrCat(cookie.domain(), local) : written, "\""));
  } else {
    AppendGiven(set, written, rule.old_cookies, cookie);
  }
  return cookie.attributes().size() > kMaxCookie
             ? Allowed(message::Unexpected("its attributes have more than 4096 octets"))
             : Allowed();
}

bool IsOldForHost(const v1::Cookie& cookie, std::string_view host, const JarRule& rule) {
  const std::string& domain = cookie.domain();
  const bool own = host == domain;
  if (rule.old_cookies == OldCookies::kOwnFields)
    return cookie.host_only() ? own : host.ends_with(absl::StrCat(".", domain));
  // HttpCookie.domainMatches: what the host adds has no dot, but may be a part of a label.
  const std::string ending = cookie.host_only() ? domain : absl::StrCat(".", domain);
  // One without a dot is kept as "localhost.local", which no other host ends with.
  return own || (domain.find('.') != domain.npos && host.ends_with(ending) &&
                 host.substr(0, host.size() - ending.size()).find('.') == host.npos);
}

void OrderOldCookies(const http::Url& url, const JarRule& rule,
                     std::vector<const v1::Cookie*>& cookies) {
  if (std::none_of(cookies.begin(), cookies.end(), HasVersion)) return;
  const auto longer = [](const auto* a, const auto* b) {
    return a->path().size() > b->path().size();
  };
  if (rule.old_cookies == OldCookies::kOwnFields &&
      std::all_of(cookies.begin(), cookies.end(), HasVersion))
    std::stable_sort(cookies.begin(), cookies.end(), longer);
  // At such a host, "localhost.local", only those are found by their domain; others follow.
  if (rule.old_cookies == OldCookies::kGuessed && url.get_hostname().find('.') == std::string::npos)
    std::stable_sort(cookies.begin(), cookies.end(), [&longer](const auto* a, const auto* b) {
      return longer(a, b) || (!longer(b, a) && HasVersion(a) && !HasVersion(b));
    });
}

void AppendPair(std::string_view pair, std::string& field) {
  if (pair.empty() || field.size() + pair.size() + 2 > http::kMaxFieldValue) return;
  if (!field.empty()) field += "; ";
  field += pair;
}

CookieFields WriteCookies(const std::vector<const v1::Cookie*>& cookies, const JarRule& rule) {
  const bool all = std::all_of(cookies.begin(), cookies.end(), HasVersion);
  const bool own_fields = rule.old_cookies == OldCookies::kOwnFields;
  CookieFields fields;
  std::string field;
  for (const v1::Cookie* cookie : cookies) {
    const bool old = HasVersion(cookie) && (all || !own_fields);
    std::string pair = Pair(*cookie, old, rule.old_cookies);
    if (old && (rule.old_cookies != OldCookies::kGuessed || field.empty()))
      pair.insert(0, absl::StrCat("$Version=", cookie->version(), "; "));
    AppendPair(pair, field);
    if (old && own_fields) fields.push_back(std::exchange(field, {}));
  }
  if (!field.empty()) fields.push_back(std::move(field));
  return fields;
}

}  // namespace fingerpost::follow

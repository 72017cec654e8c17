#include "core/follow/cookie_jar.h"

#include <algorithm>
#include <optional>

#include "core/follow/cookie_order.h"
#include "core/follow/cookie_scope.h"
#include "core/follow/old_cookies.h"
#include "core/follow/set_cookie.h"
#include "core/http/addresses.h"
#include "core/http/domain_match.h"
#include "core/http/hosts.h"
#include "core/message/timestamp.h"
#include "libpsl.h"

namespace fingerpost::follow {
namespace {

// Whether the user agent treats the connection as secure (RFC 6265bis §5.8.3, note).
bool IsSecure(const http::Url& url, const CookieContext& context) {
  return http::IsHttps(url) ||
         ((context.loopback_is_secure || context.jar.loopback_is_secure) && http::IsLoopback(url));
}

bool HasExpired(const v1::Cookie& cookie, int64_t now) {
  return cookie.has_expires() && cookie.expires().seconds() <= now;
}

bool SameIdentity(const v1::Cookie& a, const v1::Cookie& b, const JarRule& rule) {
  if (rule.parts_are_cookies) return a.name() == b.name();
  const bool same_name = a.name() == b.name() ||
                         (rule.names_ignore_case && http::EqualsIgnoreCase(a.name(), b.name()));
  return same_name && (a.domain() == b.domain() || rule.one_of_each_name) && a.path() == b.path() &&
         (a.host_only() == b.host_only() || !rule.host_only_is_another);
}

// Whether a request for `url` stays on the site that the chain comes from.
bool IsSiteOfChain(const http::Url& url, const CookieContext& context) {
  const auto same = context.site.ignores_scheme ? SchemelesslySameSite : SameSite;
  if (!same(url, context.first_url) || (context.page != nullptr && !same(url, *context.page)))
    return false;
  if (!context.site.of_whole_chain) return true;
  if (context.answered != nullptr && !same(url, *context.answered)) return false;
  return context.visited == nullptr ||
         std::all_of(context.visited->begin(), context.visited->end(), [&](const v1::Visit& visit) {
           const auto earlier = http::ParseUrl(visit.url());
           return earlier && same(url, *earlier);
         });
}

// RFC 6265bis §5.7: a host without TLS must not replace or shadow a cookie that a host with TLS has
// set. `cookie` itself may already be in the jar, because it is not Secure.
bool ShadowsSecure(const v1::Cookie& cookie, const CookieJar& jar) {
  return std::any_of(jar.begin(), jar.end(), [&cookie](const v1::Cookie& old) {
    return old.secure() && old.name() == cookie.name() &&
           (http::DomainMatches(cookie.domain(), old.domain(), false) ||
            http::DomainMatches(old.domain(), cookie.domain(), false)) &&
           PathMatches(cookie.path(), old.path(), kBrowserJar);
  });
}

// RFC 6265bis §4.1.3 and §5.7: the cookie must keep the promise of its name's prefix.
bool KeepsPrefix(const SetCookie& set, const JarRule& rule, const v1::Cookie& cookie) {
  if (cookie.name().empty())
    return !http::StartsWithIgnoreCase(cookie.value(), "__Secure-") &&
           !http::StartsWithIgnoreCase(cookie.value(), "__Host-");
  if (rule.http_prefixes &&
      (http::StartsWithIgnoreCase(cookie.name(), "__Http-") ||
       http::StartsWithIgnoreCase(cookie.name(), "__Host-Http-")) &&
      !(cookie.secure() && cookie.http_only())) {
    return false;
  }
  if (http::StartsWithIgnoreCase(cookie.name(), "__Secure-")) return cookie.secure();
  if (!http::StartsWithIgnoreCase(cookie.name(), "__Host-")) return true;
  return !rule.no_host_prefix && cookie.secure() && cookie.host_only() && set.path == "/";
}

// The storage model's checks, in its order (RFC 6265bis §5.7).
Allowed MayStore(const SetCookie& set, const http::Url& url, const CookieContext& context,
                 const CookieJar& jar, v1::Cookie& cookie) {
  const JarRule& rule = context.jar;
  if (const Allowed allowed = ApplyDomain(set, url, rule, cookie); !allowed) return allowed;
  if (const Allowed allowed = ApplyPath(set, url, rule, cookie); !allowed) return allowed;
  if (const Allowed allowed = ApplyVersion(set, url, rule, cookie); !allowed) return allowed;
  const bool secure = IsSecure(url, context);
  if (set.secure && !secure && !rule.secure_over_http) {
    return message::Unexpected("Secure over http");
  }
  if (rule.secure_stays && !set.secure && !secure && ShadowsSecure(cookie, jar)) {
    return message::Unexpected("it would shadow a Secure cookie over http");
  }
  if (context.same_site == SameSiteRule::kSubresource && set.same_site != v1::SAME_SITE_NONE &&
      !IsSiteOfChain(url, context)) {
    return message::Unexpected("SameSite in an answer from another site");
  }
  if (context.same_site != SameSiteRule::kIgnored && set.same_site == v1::SAME_SITE_NONE &&
      !set.secure) {
    return message::Unexpected("SameSite=None without Secure");
  }
  if (set.partitioned && !set.secure && rule.partitioned_is_secure) {
    return message::Unexpected("Partitioned without Secure");
  }
  if (rule.prefixes_need_https && !secure &&
      (http::StartsWithIgnoreCase(cookie.name(), "__Secure-") ||
       http::StartsWithIgnoreCase(cookie.name(), "__Host-")))
    return message::Unexpected("its prefix promises https");
  if (rule.prefixes && !KeepsPrefix(set, rule, cookie)) {
    return message::Unexpected("it does not keep what its prefix promises");
  }
  return {};
}

int CountOfDomain(const CookieJar& jar, std::string_view domain) {
  return static_cast<int>(std::count_if(jar.begin(), jar.end(), [domain](const v1::Cookie& cookie) {
    return cookie.domain() == domain;
  }));
}

void Erase(CookieJar& jar, CookieJar::const_iterator at) { jar.erase(at); }

// Makes room (RFC 6265bis §5.7): first expired cookies; then, for a full domain, its oldest without
// Secure, then its oldest; for a full jar, the oldest.
void Evict(const std::string& domain, int64_t now, const JarRule& rule, CookieJar& jar) {
  const auto crowded = [&] { return CountOfDomain(jar, domain) > rule.per_domain; };
  if (crowded() || jar.size() > kMaxCookies) {
    jar.erase(std::remove_if(jar.begin(), jar.end(),
                             [now](const v1::Cookie& cookie) { return HasExpired(cookie, now); }),
              jar.end());
  }
  if (crowded()) {
    const auto of_domain = [&domain](const v1::Cookie& cookie) {
      return cookie.domain() == domain;
    };
    const auto insecure = [&](const v1::Cookie& cookie) {
      return of_domain(cookie) && !cookie.secure();
    };
    auto victim = std::find_if(jar.cbegin(), jar.cend() - 1, insecure);
    if (victim == jar.cend() - 1) victim = std::find_if(jar.cbegin(), jar.cend(), of_domain);
    Erase(jar, victim);
  }
  if (jar.size() > kMaxCookies) Erase(jar, jar.cbegin());
}

// Whether a cookie that is set again is the newest, and does not keep its place.
bool IsNewest(const v1::Cookie& old, const v1::Cookie& cookie, Replaced rule) {
  return rule == Replaced::kIsNewest ||
         (rule == Replaced::kIsNewestWithValue && old.value() != cookie.value()) ||
         (rule == Replaced::kIsNewestIfChanged &&
          (old.value() != cookie.value() || old.expires().seconds() != cookie.expires().seconds() ||
           old.secure() != cookie.secure() || old.http_only() != cookie.http_only()));
}

// The last cookie of the jar is new. It takes the place of one with the same identity, and so its
// age, or stays where it is.
void Settle(int64_t now, const JarRule& rule, CookieJar& jar) {
  v1::Cookie& cookie = *jar.rbegin();
  const auto last = jar.end() - 1;
  const auto old = std::find_if(jar.begin(), last, [&](const v1::Cookie& other) {
    return SameIdentity(cookie, other, rule);
  });
  const bool stays = old != last && rule.old_cookies == OldCookies::kAttribute &&
                     !old->version().empty() && cookie.version().empty();
  if (stays && !HasExpired(cookie, now)) {
    jar.RemoveLast();
  } else if (HasExpired(cookie, now) && !rule.keeps_expired) {
    jar.RemoveLast();
    if (old != last) Erase(jar, old);
  } else if (old != last && IsNewest(*old, cookie, rule.replaced)) {
    Erase(jar, old);
  } else if (old != last) {
    old->Swap(&cookie);
    jar.RemoveLast();
  } else {
    Evict(std::string(cookie.domain()), now, rule, jar);
  }
}

void Write(const SetCookie& set, const JarRule& rule, v1::Cookie& cookie) {
  cookie.mutable_name()->assign(set.name);
  cookie.mutable_value()->assign(WrittenValue(set.value, rule));
  cookie.set_secure(set.secure);
  cookie.set_http_only(set.http_only);
  cookie.set_same_site(set.same_site);
  if (set.expires)
    cookie.mutable_expires()->set_seconds(
        std::clamp(*set.expires, message::kBeginningOfTime, message::kEndOfTime));
  if (set.value.empty() && rule.empty_value_deletes)
    cookie.mutable_expires()->set_seconds(message::kBeginningOfTime);
}

// Whether a response can set a cookie for all of `domain`: not for a public suffix (RFC 6265bis
// §5.7), nor for the end of an address, which has no subdomains.
bool MaySpan(std::string_view domain) {
  if (http::IsAddress(domain)) return http::ReadAddress(domain).has_value();
  return !http::IsPublicSuffix(domain);
}

void WarnRefused(std::string_view why, google::protobuf::RepeatedPtrField<v1::Warning>& warnings) {
  v1::Warning& warning = *warnings.Add();
  warning.set_code(v1::WARNING_CODE_COOKIE_REFUSED);
  warning.set_message("A Set-Cookie was refused: " + std::string(why) + ".");
  warning.add_citations("RFC 6265bis §5.7");
}

bool MayCross(const v1::Cookie& cookie, std::string_view method, const CookieContext& context) {
  if (cookie.same_site() == v1::SAME_SITE_NONE) return true;
  if (cookie.same_site() == v1::SAME_SITE_UNSPECIFIED && context.site.unspecified_crosses)
    return true;
  return cookie.same_site() != v1::SAME_SITE_STRICT &&
         context.same_site == SameSiteRule::kTopLevel && http::IsSafeMethod(method);
}

// Whether the cookie was stored or deleted.
bool StoreCookie(std::string_view text, const http::Url& url, const CookieContext& context,
                 CookieJar& jar, std::vector<std::string>& touched,
                 google::protobuf::RepeatedPtrField<v1::Warning>& warnings) {
  const auto set = ParseSetCookie(text, context.now, context.jar);
  if (!set) {
    WarnRefused(set.error(), warnings);
    return false;
  }
  // Written in place.
  v1::Cookie& cookie = *jar.Add();
  Write(*set, context.jar, cookie);
  if (const Allowed allowed = MayStore(*set, url, context, jar, cookie); !allowed) {
    // Such a client reads the names apart from its jar.
    if (context.jar.hand_set == HandSet::kUntouched) touched.emplace_back(set->name);
    jar.RemoveLast();
    WarnRefused(allowed.error(), warnings);
    return false;
  }
  touched.push_back(cookie.name());
  Settle(context.now, context.jar, jar);
  return true;
}

}  // namespace

void StoreCookies(const http::Headers& headers, const http::Url& url, const CookieContext& context,
                  CookieJar& jar, std::vector<std::string>& touched,
                  google::protobuf::RepeatedPtrField<v1::Warning>& warnings) {
  int taken = 0;
  for (const v1::Header& header : headers) {
    if (!http::EqualsIgnoreCase(header.name(), "Set-Cookie")) continue;
    if (context.jar.per_response > 0 && taken >= context.jar.per_response) {
      WarnRefused("the client takes no more of one response", warnings);
      return;
    }
    if (http::IsWithheld(header)) {
      WarnRefused("its value is withheld", warnings);
      continue;
    }
    // Such a client writes its field anew for each Set-Cookie, and be it empty.
    if (context.jar.parts_are_cookies) touched.emplace_back();
    for (const std::string_view text : SplitSetCookie(http::ValueOf(header), context.jar)) {
      if (StoreCookie(text, url, context, jar, touched, warnings)) ++taken;
    }
  }
}

void StoreHandSet(std::string_view field, const http::Url& url, const CookieContext& context,
                  CookieJar& jar) {
  std::vector<std::string> stored;
  while (!field.empty()) {
    const size_t end = EndOfPart(field, ";", context.jar);
    const auto set = ParseSetCookie(field.substr(0, end), context.now, context.jar);
    field.remove_prefix(std::min(end + 1, field.size()));
    if (!set || std::find(stored.begin(), stored.end(), set->name) != stored.end()) continue;
    stored.emplace_back(set->name);
    v1::Cookie& cookie = *jar.Add();
    Write(*set, context.jar, cookie);
    cookie.clear_expires();
    cookie.set_host_only(true);
    cookie.mutable_domain()->assign(url.get_hostname());
    cookie.mutable_path()->assign(url.get_pathname());
    Settle(context.now, context.jar, jar);
  }
}

std::vector<const v1::Cookie*> CookiesFor(const CookieJar& jar, const http::Url& url,
                                          std::string_view method, const CookieContext& context) {
  std::vector<const v1::Cookie*> cookies;
  if (jar.empty()) return cookies;
  const JarRule& rule = context.jar;
  // Looks up public suffixes at most once, and only if a cookie depends on it.
  std::optional<bool> crosses;
  const auto stays_behind = [&](const v1::Cookie& cookie) {
    if (context.same_site == SameSiteRule::kIgnored || MayCross(cookie, method, context)) {
      return false;
    }
    if (!crosses) crosses = !IsSiteOfChain(url, context);
    return *crosses;
  };
  for (const v1::Cookie& cookie : jar) {
    if (rule.sent_everywhere && !HasExpired(cookie, context.now)) cookies.push_back(&cookie);
    if (rule.sent_everywhere) continue;
    if (!IsForHost(cookie, url, rule) || !PathMatches(url.get_pathname(), cookie.path(), rule) ||
        (cookie.secure() && !IsSecure(url, context)) || HasExpired(cookie, context.now) ||
        stays_behind(cookie)) {
      continue;
    }
    cookies.push_back(&cookie);
  }
  OrderCookies(jar, rule.order, cookies);
  if (HasOldCookies(rule)) OrderOldCookies(url, rule, cookies);
  return cookies;
}

bool SameSite(const http::Url& a, const http::Url& b) {
  return a.get_protocol() == b.get_protocol() && SchemelesslySameSite(a, b);
}

bool HasRegistrableDomain(const http::Url& url) {
  const std::string host(url.get_hostname());
  return !http::IsIpAddress(url) && psl_registrable_domain(psl_builtin(), host.c_str()) != nullptr;
}

bool SchemelesslySameSite(const http::Url& a, const http::Url& b) {
  if (a.get_hostname() == b.get_hostname()) return true;
  if (http::IsIpAddress(a) || http::IsIpAddress(b)) return false;
  const std::string host_a(a.get_hostname());
  const std::string host_b(b.get_hostname());
  const char* site_a = psl_registrable_domain(psl_builtin(), host_a.c_str());
  const char* site_b = psl_registrable_domain(psl_builtin(), host_b.c_str());
  return site_a != nullptr && site_b != nullptr && std::string_view(site_a) == site_b;
}

void CheckJar(const CookieJar& jar, const JarRule& rule, message::Faults& faults) {
  const message::Place cookies("chain.cookies");
  if (jar.size() > kMaxCookies) {
    faults.Error(cookies, "at most 1000, got " + std::to_string(jar.size()));
    return;
  }
  for (int i = 0; i < jar.size(); ++i) {
    const v1::Cookie& cookie = jar[i];
    const std::string_view name = cookie.name();
    const std::string_view value = cookie.value();
    if (name.size() + value.size() > kMaxCookie || (name.empty() && value.empty())) {
      faults.Error(cookies[i], "expected a name and value of 1 to 4096 octets together");
    }
    // HTAB is the only control character that Set-Cookie may have (RFC 6265bis §5.6).
    if (name.find_first_of(rule.takes_semicolons() ? "=" : "=;") != std::string_view::npos ||
        std::ranges::any_of(name, [](char c) { return http::IsControl(c) && c != '\t'; })) {
      faults.Error(cookies.Element(i, "name"), "no control character but HTAB, no '=' or ';'");
    }
    if (value.find_first_of(std::string_view("\r\n\0;", rule.takes_semicolons() ? 3 : 4)) !=
        std::string_view::npos) {
      faults.Error(cookies.Element(i, "value"), "no CR, LF, NUL or ';'");
    }
    if (cookie.domain().empty() || cookie.domain().size() > http::kMaxUrl ||
        cookie.domain() != http::ToLowerAscii(cookie.domain())) {
      faults.Error(cookies.Element(i, "domain"), "expected a host in lower case");
    } else if (!cookie.host_only() && rule.public_suffixes && !MaySpan(cookie.domain())) {
      faults.Error(cookies.Element(i, "domain"),
                   "expected no public suffix and no part of an address, unless host_only");
    }
    if (!cookie.path().starts_with('/'))
      faults.Error(cookies.Element(i, "path"), "expected a path that starts with \"/\"");
    if (!cookie.version().empty() && (!HasOldCookies(rule) || !IsVersion(cookie.version()))) {
      faults.Error(cookies.Element(i, "version"),
                   "expected a number, of a jar that has such cookies");
    }
    if (cookie.attributes().size() > kMaxCookie ||
        cookie.attributes().find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      faults.Error(cookies.Element(i, "attributes"), "at most 4096 octets, and no CR, LF or NUL");
    if (cookie.has_expires() && !message::IsTimestamp(cookie.expires())) {
      faults.Error(cookies.Element(i, "expires"), message::kTimestampExpected);
    }
  }
}

}  // namespace fingerpost::follow

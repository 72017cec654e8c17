#include "core/follow/cookie_jar.h"

#include <algorithm>
#include <optional>

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
  return http::IsHttps(url) || (context.loopback_is_secure && http::IsLoopback(url));
}

// RFC 6265bis §5.1.4.
bool PathMatches(std::string_view path, std::string_view cookie_path) {
  if (!path.starts_with(cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.ends_with('/') ||
         path[cookie_path.size()] == '/';
}

std::string_view DefaultPath(const http::Url& url) {
  const std::string_view path = url.get_pathname();
  const size_t last = path.rfind('/');
  return last == 0 || last == std::string_view::npos ? std::string_view("/") : path.substr(0, last);
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

bool HasExpired(const v1::Cookie& cookie, int64_t now) {
  return cookie.has_expires() && cookie.expires().seconds() <= now;
}

bool SameIdentity(const v1::Cookie& a, const v1::Cookie& b) {
  return a.name() == b.name() && a.domain() == b.domain() && a.host_only() == b.host_only() &&
         a.path() == b.path();
}

// Allowed, or why not.
using Allowed = message::Result<void, std::string_view>;

// Sets domain and host_only.
Allowed ApplyDomain(const SetCookie& set, const http::Url& url, v1::Cookie& cookie) {
  const std::string_view host = url.get_hostname();
  std::string domain = set.domain ? http::ToLowerAscii(*set.domain) : std::string();
  if (domain.starts_with('.')) domain.erase(0, 1);
  if (!IsAscii(domain)) {
    return message::Unexpected("Domain is not ASCII");
  }
  if (!domain.empty() && http::IsPublicSuffix(domain) && !http::IsIpAddress(url)) {
    if (domain != host) {
      return message::Unexpected("Domain is a public suffix");
    }
    domain.clear();
  }
  if (!domain.empty() && !http::DomainMatches(host, domain, http::IsIpAddress(url))) {
    return message::Unexpected("Domain is not the host or a parent of it");
  }
  cookie.set_host_only(domain.empty());
  cookie.mutable_domain()->assign(domain.empty() ? host : std::string_view(domain));
  return {};
}

// RFC 6265bis §5.7: a host without TLS must not replace or shadow a cookie that a host with TLS has
// set. `cookie` itself may already be in the jar, because it is not Secure.
bool ShadowsSecure(const v1::Cookie& cookie, const CookieJar& jar) {
  return std::any_of(jar.begin(), jar.end(), [&cookie](const v1::Cookie& old) {
    return old.secure() && old.name() == cookie.name() &&
           (http::DomainMatches(cookie.domain(), old.domain(), false) ||
            http::DomainMatches(old.domain(), cookie.domain(), false)) &&
           PathMatches(cookie.path(), old.path());
  });
}

// RFC 6265bis §4.1.3 and §5.7: the cookie must keep the promise of its name's prefix.
bool KeepsPrefix(const SetCookie& set, const v1::Cookie& cookie) {
  if (cookie.name().empty())
    return !http::StartsWithIgnoreCase(cookie.value(), "__Secure-") &&
           !http::StartsWithIgnoreCase(cookie.value(), "__Host-");
  if (http::StartsWithIgnoreCase(cookie.name(), "__Secure-")) return cookie.secure();
  if (!http::StartsWithIgnoreCase(cookie.name(), "__Host-")) return true;
  return cookie.secure() && cookie.host_only() && set.path == "/";
}

// The storage model's checks, in its order (RFC 6265bis §5.7).
Allowed MayStore(const SetCookie& set, const http::Url& url, const CookieContext& context,
                 const CookieJar& jar, v1::Cookie& cookie) {
  if (const Allowed allowed = ApplyDomain(set, url, cookie); !allowed) return allowed;
  const std::string_view path =
      set.path && set.path->starts_with('/') ? *set.path : DefaultPath(url);
  cookie.mutable_path()->assign(path);
  const bool secure = IsSecure(url, context);
  if (set.secure && !secure) {
    return message::Unexpected("Secure over http");
  }
  if (!set.secure && !secure && ShadowsSecure(cookie, jar)) {
    return message::Unexpected("it would shadow a Secure cookie over http");
  }
  if (context.same_site == SameSiteRule::kSubresource && set.same_site != v1::SAME_SITE_NONE &&
      !SameSite(url, context.first_url)) {
    return message::Unexpected("SameSite in an answer from another site");
  }
  if (context.same_site != SameSiteRule::kIgnored && set.same_site == v1::SAME_SITE_NONE &&
      !set.secure) {
    return message::Unexpected("SameSite=None without Secure");
  }
  if (!KeepsPrefix(set, cookie)) {
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
void Evict(const std::string& domain, int64_t now, CookieJar& jar) {
  const auto crowded = [&] { return CountOfDomain(jar, domain) > kMaxCookiesPerDomain; };
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

// The last cookie of the jar is new. It takes the place of one with the same identity, and so its
// age, or stays where it is.
void Settle(int64_t now, CookieJar& jar) {
  v1::Cookie& cookie = *jar.rbegin();
  const auto last = jar.end() - 1;
  const auto old = std::find_if(jar.begin(), last, [&cookie](const v1::Cookie& other) {
    return SameIdentity(cookie, other);
  });
  if (HasExpired(cookie, now)) {
    jar.RemoveLast();
    if (old != last) Erase(jar, old);
  } else if (old != last) {
    old->Swap(&cookie);
    jar.RemoveLast();
  } else {
    Evict(std::string(cookie.domain()), now, jar);
  }
}

void Write(const SetCookie& set, v1::Cookie& cookie) {
  cookie.mutable_name()->assign(set.name);
  cookie.mutable_value()->assign(set.value);
  cookie.set_secure(set.secure);
  cookie.set_http_only(set.http_only);
  cookie.set_same_site(set.same_site);
  if (set.expires)
    cookie.mutable_expires()->set_seconds(
        std::clamp(*set.expires, message::kBeginningOfTime, message::kEndOfTime));
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

bool MayCross(const v1::Cookie& cookie, std::string_view method, SameSiteRule rule) {
  if (cookie.same_site() == v1::SAME_SITE_NONE) return true;
  return cookie.same_site() != v1::SAME_SITE_STRICT && rule == SameSiteRule::kTopLevel &&
         http::IsSafeMethod(method);
}

}  // namespace

void StoreCookies(const http::Headers& headers, const http::Url& url, const CookieContext& context,
                  CookieJar& jar, std::vector<std::string>& touched,
                  google::protobuf::RepeatedPtrField<v1::Warning>& warnings) {
  for (const v1::Header& header : headers) {
    if (!http::EqualsIgnoreCase(header.name(), "Set-Cookie")) continue;
    if (http::IsWithheld(header)) {
      WarnRefused("its value is withheld", warnings);
      continue;
    }
    const auto set = ParseSetCookie(http::ValueOf(header), context.now);
    if (!set) {
      WarnRefused(set.error(), warnings);
      continue;
    }
    // Written in place.
    v1::Cookie& cookie = *jar.Add();
    Write(*set, cookie);
    if (const Allowed allowed = MayStore(*set, url, context, jar, cookie); !allowed) {
      jar.RemoveLast();
      WarnRefused(allowed.error(), warnings);
      continue;
    }
    touched.push_back(cookie.name());
    Settle(context.now, jar);
  }
}

std::vector<const v1::Cookie*> CookiesFor(const CookieJar& jar, const http::Url& url,
                                          std::string_view method, const CookieContext& context) {
  std::vector<const v1::Cookie*> cookies;
  if (jar.empty()) return cookies;
  // Looks up public suffixes at most once, and only if a cookie depends on it.
  std::optional<bool> crosses;
  const auto stays_behind = [&](const v1::Cookie& cookie) {
    if (context.same_site == SameSiteRule::kIgnored ||
        MayCross(cookie, method, context.same_site)) {
      return false;
    }
    if (!crosses) crosses = !SameSite(url, context.first_url);
    return *crosses;
  };
  for (const v1::Cookie& cookie : jar) {
    const bool for_host =
        cookie.host_only()
            ? url.get_hostname() == cookie.domain()
            : http::DomainMatches(url.get_hostname(), cookie.domain(), http::IsIpAddress(url));
    if (!for_host || !PathMatches(url.get_pathname(), cookie.path()) ||
        (cookie.secure() && !IsSecure(url, context)) || HasExpired(cookie, context.now) ||
        stays_behind(cookie)) {
      continue;
    }
    cookies.push_back(&cookie);
  }
  std::stable_sort(cookies.begin(), cookies.end(), [](const v1::Cookie* a, const v1::Cookie* b) {
    return a->path().size() > b->path().size();
  });
  return cookies;
}

bool SameSite(const http::Url& a, const http::Url& b) {
  if (a.get_protocol() != b.get_protocol()) return false;
  if (a.get_hostname() == b.get_hostname()) return true;
  if (http::IsIpAddress(a) || http::IsIpAddress(b)) return false;
  const std::string host_a(a.get_hostname());
  const std::string host_b(b.get_hostname());
  const char* site_a = psl_registrable_domain(psl_builtin(), host_a.c_str());
  const char* site_b = psl_registrable_domain(psl_builtin(), host_b.c_str());
  return site_a != nullptr && site_b != nullptr && std::string_view(site_a) == site_b;
}

void CheckJar(const CookieJar& jar, message::Faults& faults) {
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
    if (name.find_first_of("=;") != std::string_view::npos ||
        std::ranges::any_of(name, [](char c) { return http::IsControl(c) && c != '\t'; })) {
      faults.Error(cookies.Element(i, "name"), "no control character but HTAB, no '=' or ';'");
    }
    if (value.find_first_of(std::string_view("\r\n\0;", 4)) != std::string_view::npos) {
      faults.Error(cookies.Element(i, "value"), "no CR, LF, NUL or ';'");
    }
    if (cookie.domain().empty() || cookie.domain().size() > http::kMaxUrl ||
        cookie.domain() != http::ToLowerAscii(cookie.domain())) {
      faults.Error(cookies.Element(i, "domain"), "expected a host in lower case");
    } else if (!cookie.host_only() && !MaySpan(cookie.domain())) {
      faults.Error(cookies.Element(i, "domain"),
                   "expected no public suffix and no part of an address, unless host_only");
    }
    if (!cookie.path().starts_with('/'))
      faults.Error(cookies.Element(i, "path"), "expected a path that starts with \"/\"");
    if (cookie.has_expires() && !message::IsTimestamp(cookie.expires())) {
      faults.Error(cookies.Element(i, "expires"), message::kTimestampExpected);
    }
  }
}

}  // namespace fingerpost::follow

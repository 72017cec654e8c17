// Cookies: the jar of a chain (RFC 6265bis §5), a part of the chain.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/follow/profiles/profile.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "core/message/faults.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// RFC 6265bis §6.1 requires 3000 of a browser, but a chain visits few hosts.
inline constexpr int kMaxCookies = 1000;

using CookieJar = google::protobuf::RepeatedPtrField<v1::Cookie>;

// The input of the algorithms besides the URL.
struct CookieContext {
  const http::Url& first_url;  // Its site is the "site for cookies" of the chain.
  // Seconds since 1970; 0 without a time from the caller. Then only cookies that are deleted at the
  // epoch have expired, and Max-Age never ends.
  int64_t now = 0;
  static constexpr int64_t kBeforeAllTime = -1;  // Nothing has expired yet.
  SameSiteRule same_site = SameSiteRule::kTopLevel;
  bool loopback_is_secure = false;  // http to the device itself counts as https.
  const JarRule& jar = kBrowserJar;
  SiteRule site = {};
  // For SiteRule::of_whole_chain: the URL that is answered, and those before it.
  const http::Url* answered = nullptr;
  const google::protobuf::RepeatedPtrField<v1::Visit>* visited = nullptr;
  const http::Url* page = nullptr;  // For SiteRule::of_page, if it is known.
};

// Applies the response's Set-Cookie fields (RFC 6265bis §5.6, §5.7). Adds the name of each cookie
// that was stored or deleted to `touched`, and a warning for each that was refused to `warnings`.
void StoreCookies(const http::Headers& headers, const http::Url& url, const CookieContext& context,
                  CookieJar& jar, std::vector<std::string>& touched,
                  google::protobuf::RepeatedPtrField<v1::Warning>& warnings);

// Puts the cookies of a hand-set field into the jar, as those of `url` alone; the first of a name
// counts.
void StoreHandSet(std::string_view field, const http::Url& url, const CookieContext& context,
                  CookieJar& jar);

// The jar's cookies for a request (RFC 6265bis §5.8.3), in the order of its rule. Points into
// `jar`.
[[nodiscard]] std::vector<const v1::Cookie*> CookiesFor(const CookieJar& jar, const http::Url& url,
                                                        std::string_view method,
                                                        const CookieContext& context);

// Whether schemes and registrable domains are the same (HTML, "same site").
[[nodiscard]] bool SameSite(const http::Url& a, const http::Url& b);
// The same without the schemes (HTML, "schemelessly same site").
[[nodiscard]] bool SchemelesslySameSite(const http::Url& a, const http::Url& b);
// Whether the host is a name below a public suffix.
[[nodiscard]] bool HasRegistrableDomain(const http::Url& url);

// Reports each cookie that cannot be in a jar with that rule.
void CheckJar(const CookieJar& jar, const JarRule& rule, message::Faults& faults);

}  // namespace fingerpost::follow

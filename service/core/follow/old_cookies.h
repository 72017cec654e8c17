// Cookies of RFC 2109 and RFC 2965, which RFC 6265 obsoletes, as the clients that still know them
// read and send them (JarRule::old_cookies).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "core/follow/cookie_scope.h"
#include "core/follow/profiles/jar_rule.h"
#include "core/follow/set_cookie.h"
#include "core/http/url.h"
#include "core/message/result.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Values of Cookie fields; hardly any request has two.
using CookieFields = absl::InlinedVector<std::string, 2>;

// The $Version of the cookie that the Set-Cookie `text` is; empty: one of today. The error says why
// it is refused.
[[nodiscard]] message::Result<std::string, std::string_view> VersionOf(std::string_view text,
                                                                       const SetCookie& set,
                                                                       const JarRule& rule);

// Whether the jar has cookies with a version.
[[nodiscard]] constexpr bool HasOldCookies(const JarRule& rule) {
  return rule.old_cookies != OldCookies::kNone && rule.old_cookies != OldCookies::kRefused;
}

// Whether a chain's cookie can have this version.
[[nodiscard]] bool IsVersion(std::string_view text);

// Checks the Domain of a cookie with a version, and sets what is sent behind its value. Its domain
// and its path are set.
Allowed ApplyVersion(const SetCookie& set, const http::Url& url, const JarRule& rule,
                     v1::Cookie& cookie);

// Whether a cookie with a version is for this host.
[[nodiscard]] bool IsOldForHost(const v1::Cookie& cookie, std::string_view host,
                                const JarRule& rule);

// Orders cookies of which some have a version, after the jar has.
void OrderOldCookies(const http::Url& url, const JarRule& rule,
                     std::vector<const v1::Cookie*>& cookies);

// Appends "b=2" to "a=1". The next hop would refuse a field that is too long, so the last cookies
// are dropped.
void AppendPair(std::string_view pair, std::string& field);

// "a=1; b=2": the fields in which cookies are sent, hardly ever more than one.
[[nodiscard]] CookieFields WriteCookies(const std::vector<const v1::Cookie*>& cookies,
                                        const JarRule& rule);

}  // namespace fingerpost::follow

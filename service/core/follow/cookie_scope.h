// Where a cookie belongs: its Domain and its Path.
#pragma once

#include <string_view>

#include "core/follow/profiles/jar_rule.h"
#include "core/follow/set_cookie.h"
#include "core/http/url.h"
#include "core/message/result.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Allowed, or why not.
using Allowed = message::Result<void, std::string_view>;

// Sets domain and host_only.
Allowed ApplyDomain(const SetCookie& set, const http::Url& url, const JarRule& rule,
                    v1::Cookie& cookie);
// Sets the path.
Allowed ApplyPath(const SetCookie& set, const http::Url& url, const JarRule& rule,
                  v1::Cookie& cookie);

[[nodiscard]] bool IsForHost(const v1::Cookie& cookie, const http::Url& url, const JarRule& rule);

// RFC 6265bis §5.1.4.
[[nodiscard]] bool PathMatches(std::string_view path, std::string_view cookie_path,
                               const JarRule& rule);

}  // namespace fingerpost::follow

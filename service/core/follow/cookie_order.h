// The order of a request's cookies.
#pragma once

#include <vector>

#include "core/follow/cookie_jar.h"
#include "core/follow/profiles/jar_rule.h"

namespace fingerpost::follow {

// `cookies` are some of `jar`, in its order. kByName also drops those that others displace.
void OrderCookies(const CookieJar& jar, CookieOrder order, std::vector<const v1::Cookie*>& cookies);

}  // namespace fingerpost::follow

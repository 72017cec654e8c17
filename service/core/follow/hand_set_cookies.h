// What becomes of the cookies that the caller has set by hand, beside the jar's
// (JarRule::hand_set).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/follow/cookie_jar.h"
#include "core/follow/old_cookies.h"

namespace fingerpost::follow {

struct CookieParts {
  const CookieFields& hand;                       // Values of fields that the caller has set.
  const std::vector<const v1::Cookie*>& cookies;  // The jar's for the next request.
  const std::vector<const v1::Cookie*>& sent;     // The jar's in the request before.
  const std::vector<std::string>& touched;        // Names that the response has set or deleted.
};

// The part of a sent Cookie field that is not the jar's.
[[nodiscard]] std::string HandPart(const JarRule& rule, std::string_view value,
                                   const std::vector<const v1::Cookie*>& sent);

// The values of the next request's Cookie fields, in their order.
[[nodiscard]] CookieFields CombineCookies(const JarRule& rule, const CookieParts& parts);

}  // namespace fingerpost::follow

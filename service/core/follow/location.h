// Location: which one counts, its octets, and the URL that it resolves to.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/follow/profiles/profile.h"
#include "core/http/fields.h"
#include "core/http/url.h"

namespace fingerpost::follow {

struct Location {
  // UNSPECIFIED: resolve `text`. Otherwise why there is nothing to follow.
  v1::StopReason stop = v1::STOP_REASON_UNSPECIFIED;
  // The input of the URL parser; points into the response or into `buffer`.
  std::string_view text;
  std::string buffer;
  // Whether the text has octets that RFC 3986 does not allow; the URL parser repairs them.
  bool repaired = false;
};

// Reads the Location of a redirect as `rule` says. Linear in the size of the response. `location`
// receives the answer (it owns what it points to, so it is not copied).
void ReadLocation(const http::Headers& headers, const LocationRule& rule, Location& location);

// Rewrites a reference that the client reads differently from the URL Standard, so that the
// standard's reading equals the client's. `base` is the request's URL.
void Reinterpret(const http::Url& base, const LocationRule& rule, Location& location);

// Writes `next`, which `location` resolved to, as the client does.
void Rewrite(const Location& location, const LocationRule& rule, http::Url& next);

// Refuses the authorities that the client refuses, or ends them where it does. `location.text` is
// as it was received.
void ReadAuthority(const LocationRule& rule, Location& location);

// Whether the reference has a scheme (RFC 3986 §4.2).
[[nodiscard]] bool IsAbsoluteReference(std::string_view text);

}  // namespace fingerpost::follow

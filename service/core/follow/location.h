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
  // Whether the client fails with `stop`, even if it hands back other responses.
  bool fails = false;
  // Whether the text has octets that RFC 3986 does not allow; the URL parser repairs them.
  bool repaired = false;
  // The URL that the client compares with the request's, if it is not the one that it requests.
  std::optional<http::Url> compared = {};
  // Whether `text` is veiled (veil.h).
  bool veiled = false;
  // Whether an authority without a host was read as the device itself.
  bool empty_host = false;
  // Whether the next URL's path loses the slash at its end; and whether it is sent without its
  // first.
  bool drops_last_slash = false;
  bool drops_first_slash = false;
  // Whether it is the authority that the client refuses.
  bool bad_authority = false;
  // The Host field that the client sends, if the next URL does not say it, and whether it is
  // another name to the client.
  std::string host;
  bool other_name = false;
  // The zone of its address, without escapes; the next URL has none.
  std::string zone;
  // Whether the client gave a path, LocationRule::pathless, to a reference that is only a query.
  bool is_query = false;
  // The directories in the path of the request's URL.
  int base_depth = 0;
};

// Reads the Location of a redirect as `rule` says. Linear in the size of the response. `location`
// receives the answer (it owns what it points to, so it is not copied).
void ReadLocation(const http::Headers& headers, const LocationRule& rule, Location& location);

// Why the client cannot read the response at all because of its fields, whatever the status;
// UNSPECIFIED: it can.
[[nodiscard]] v1::StopReason WhyUnreadable(const http::Headers& headers, const LocationRule& rule);

// Rewrites a reference that the client reads differently from the URL Standard, so that the
// standard's reading equals the client's. `base` is the request's URL.
void Reinterpret(const http::Url& base, const LocationRule& rule, Location& location);

// Writes `next`, which `location` resolved to, as the client does, or sets location.stop.
void Rewrite(const LocationRule& rule, Location& location, http::Url& next);

// Why the client does not follow to `next`, which is neither http nor https.
[[nodiscard]] v1::StopReason WhyNotHttp(const http::Url& next, const LocationRule& rule);

// Why the client does not follow from one URL to the other, which `location` resolved to;
// UNSPECIFIED: its scheme and host are no reason.
[[nodiscard]] v1::StopReason WhyNotTo(const Location& location, const http::Url& from,
                                      const http::Url& to, const Profile& profile);

// `url` at the host and port of `proxy`.
[[nodiscard]] http::Url AtProxy(http::Url url, const http::Url& proxy);

// Refuses the authorities that the client refuses, or ends them where it does. `location.text` is
// as it was received.
void ReadAuthority(const LocationRule& rule, Location& location);

// Whether the client cannot read the request's URL, by the rule for Location.
[[nodiscard]] bool RefusesBase(std::string_view url, const LocationRule& rule);

// `url` with the host of the Host field. nullopt: there is none, or it names no host.
[[nodiscard]] std::optional<http::Url> UrlOfHostField(const http::Headers& headers,
                                                      const http::Url& url);

// "file:///x", "data:text/plain,x": no authority, but a path with a slash.
[[nodiscard]] bool HasPathWithoutAuthority(const http::Url& url);

// Whether the reference has a scheme (RFC 3986 §4.2).
[[nodiscard]] bool IsAbsoluteReference(std::string_view text);

}  // namespace fingerpost::follow

// The Cookie field of the next request: hand-set cookies and the jar's, in one field.
#pragma once

#include <string>
#include <vector>

#include "core/follow/changes.h"
#include "core/follow/cookie_jar.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

struct CookieFieldInput {
  const v1::FollowRequest& request;
  // The jar when `request` was sent. A pair of the Cookie field that was in it then is the jar's,
  // not the caller's.
  const CookieJar& sent;
  const CookieJar& jar;                     // With this response's cookies.
  const std::vector<std::string>& touched;  // Names that this response set or deleted.
  const http::Url& url;                     // Of the request.
  const http::Url& next;
  std::string_view next_method;
  const CookieContext& context;
  // Fields that the client puts back on this hop.
  const http::Headers& restored;
};

// Rewrites, drops or adds Cookie, after the field rules have dropped fields, by JarRule::hand_set.
// In a browser's jar a hand-set cookie stays unless the jar has one of its name, or this response
// touched one. A value that must not be read cannot be merged, so the jar's replaces it: a request
// has one Cookie field (RFC 6265bis §5.8). A displaced Cookie that comes back is set aside in
// `chain`.
void WriteCookieField(const CookieFieldInput& in, v1::Chain& chain, Changes& changes);

// The index of the request's Cookie, if it is only the jar's, of a client's own engine or where
// fields are put back; -1 without one.
[[nodiscard]] int JarsCookie(const v1::FollowRequest& request, const http::Url& url,
                             const CookieContext& context, const Profile& profile);

// Whether the field is a Cookie whose value may be read.
[[nodiscard]] bool IsReadableCookie(const v1::Header& header, const v1::FollowOptions& options);

}  // namespace fingerpost::follow

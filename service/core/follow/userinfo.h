// Userinfo: the Authorization that a client makes of the user name and password in a URL.
#pragma once

#include "core/follow/changes.h"
#include "core/follow/credentials.h"
#include "core/follow/profiles/profile.h"
#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Whether the request's Authorization came from the userinfo of its URL, so that it stays with that
// authority. The chain may be forged: if userinfo never becomes Authorization, none did.
[[nodiscard]] bool IsAuthorizationOfUrl(const Profile& profile, const v1::Chain& chain);

struct UserinfoInput {
  const v1::HttpRequest& request;
  const Profile& profile;
  const http::Url& written;  // The request's URL, with userinfo.
  const http::Url& next;
  std::string_view location;
  const HopFacts& facts;
};

// Turns userinfo of the request's URL, or of the next, into Authorization: Basic (RFC 7617), as the
// profile's client does. Fields are already dropped, and put back. False: the client fails.
[[nodiscard]] bool WriteUserinfo(const UserinfoInput& in, v1::Chain& chain, Changes& changes);

}  // namespace fingerpost::follow

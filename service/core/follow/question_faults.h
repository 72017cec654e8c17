// What a question to Follow must be, before anything is decided.
#pragma once

#include "core/follow/profiles/profile.h"
#include "core/http/url.h"
#include "core/message/violations.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// The most that FollowOptions' lists may hold; each entry costs every hop time.
inline constexpr int kMaxTrustedOrigins = 64;
inline constexpr int kMaxSecretFields = 64;

// What the hops of a chain may have added to the first request's fields: Authorization, Cookie,
// Origin and Referer. A full request can be followed to the end.
inline constexpr int kMaxAddedHeaders = 4;

// Adds a violation for everything that is wrong with `request`. `profile` is nullptr if it is
// unknown; `url` becomes the request's URL, if it is one.
void CheckFollow(const v1::FollowRequest& request, const Profile* profile,
                 std::optional<http::Url>& url, message::Violations& violations);

}  // namespace fingerpost::follow

// What a question to Follow must be, before anything is decided.
#pragma once

#include "core/follow/profiles/profile.h"
#include "core/http/request.h"
#include "core/message/violations.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// The most that FollowOptions' lists may hold; each entry costs every hop time.
inline constexpr int kMaxTrustedOrigins = 64;
inline constexpr int kMaxSecretFields = 64;

// What the hops of a chain may have added to the first request's fields: Authorization, Cookie,
// Origin and Referer. A full request can be followed to the end.
inline constexpr int kMaxAddedHeaders = 4;

// Adds a violation for everything that is wrong with `question`, and returns its request. `profile`
// is nullptr if it is unknown.
[[nodiscard]] http::Request ReadFollow(const v1::FollowRequest& question, const Profile* profile,
                                       const http::RequestLimits& limits,
                                       message::Violations& violations);

}  // namespace fingerpost::follow

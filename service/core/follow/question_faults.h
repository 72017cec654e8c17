// The requirements of a question to Follow, before anything is decided.
#pragma once

#include "core/follow/profiles/profile.h"
#include "core/http/request.h"
#include "core/message/faults.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Limits of FollowOptions' lists; each entry costs time on every hop.
inline constexpr int kMaxTrustedOrigins = 64;
inline constexpr int kMaxSecretFields = 64;
inline constexpr int kMaxSwitches = 16;  // more than any client has

// The number of fields that a chain's hops may add to the first request's: Authorization, Cookie,
// Host, Origin, Referer and Transfer-Encoding. So even a full request can be followed to the end.
inline constexpr int kMaxAddedHeaders = 6;

// Reports everything that is wrong with `question`, and returns its request. `profile`
// is nullptr if it is unknown.
[[nodiscard]] http::Request ReadFollow(const v1::FollowRequest& question, const Profile* profile,
                                       const http::RequestLimits& limits, message::Faults& faults);

}  // namespace fingerpost::follow

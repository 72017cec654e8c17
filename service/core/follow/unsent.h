// The answer about a first request before it is sent.
#pragma once

#include "core/follow/profiles/profile.h"
#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Only the request's own URL is known: `url`, without userinfo. `out` holds the warnings about it.
void AnswerUnsent(const v1::FollowRequest& question, const Profile& profile, const http::Url& url,
                  v1::FollowResponse& out);

}  // namespace fingerpost::follow

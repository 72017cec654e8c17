// Warnings about a redirect that is followed.
#pragma once

#include "core/follow/profiles/profile.h"
#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Adds a warning to `out`, with the sentence and the sources of its code.
void Warn(v1::WarningCode code, v1::FollowResponse& out);

// Warns that options.targets cannot see the address of `url`'s host, if that matters.
void WarnOfAddress(const v1::FollowRequest& request, const http::Url& url, v1::FollowResponse& out);

// Adds the warnings that depend on the finished answer: out.next and out.chain. `crosses`: `next`
// has another origin than `url`.
void WarnOfNext(const v1::FollowRequest& request, const Profile& profile, const http::Url& url,
                const http::Url& next, bool crosses, v1::FollowResponse& out);

}  // namespace fingerpost::follow

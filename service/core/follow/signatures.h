// Signatures that a hop breaks: the next request differs from the signed one.
#pragma once

#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Adds a warning to `out` for each signature in out.next (RFC 9421, DPoP) that covers a difference
// from `request`. `url` and `to` are the URLs of `request` and out.next.
void WarnOfSignatures(const v1::FollowRequest& request, const http::Url& url, const http::Url& to,
                      v1::FollowResponse& out);

}  // namespace fingerpost::follow

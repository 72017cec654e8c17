// Signatures that a hop breaks: what was signed is not what is sent next.
#pragma once

#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Adds a warning to `out` for each signature in out.next (RFC 9421, DPoP) that covers something in
// which it differs from `request`. `url` and `to` are the URLs of the two.
void WarnOfSignatures(const v1::FollowRequest& request, const http::Url& url, const http::Url& to,
                      v1::FollowResponse& out);

}  // namespace fingerpost::follow

// The page that sends a browser's requests. It is no part of the question, but Origin names its
// origin; without that field it is of the first URL's.
#pragma once

#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Whether a page over https asks for a URL that is not trustworthy (Mixed Content §4). Later hops
// may lack the page's origin, so the chain remembers what the first request tells.
[[nodiscard]] bool IsMixedContent(const v1::FollowRequest& question, const http::Url& next,
                                  v1::Chain& chain);

// Whether the page or an earlier request of the chain is of another origin than `next`.
[[nodiscard]] bool LeftItsOrigin(const v1::FollowRequest& question, const http::Url& next,
                                 const v1::Chain& chain);

}  // namespace fingerpost::follow

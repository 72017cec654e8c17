// Fetch Metadata: what a browser tells of how a chain's origins relate, in Sec-Fetch-Site.
#pragma once

#include "core/follow/changes.h"
#include "core/follow/profiles/profile.h"
#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Sec-Fetch-*.
[[nodiscard]] bool IsFetchMetadata(std::string_view field_name);

// Computes Sec-Fetch-Site for `next` from what the request for `url` said, so that it never tells
// less than an earlier hop did, and takes Sec-Fetch-* and Sec-CH-* off towards a URL that is not
// trustworthy. What `chain` has set aside comes back once a URL is, if `rule` says so.
void WriteFetchMetadata(const v1::HttpRequest& request, const http::Url& url, const http::Url& next,
                        FetchMetadata rule, v1::Chain& chain, Changes& changes);

}  // namespace fingerpost::follow

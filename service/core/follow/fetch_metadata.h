// Fetch Metadata: in Sec-Fetch-Site a browser states the relation of a chain's origins.
#pragma once

#include "core/follow/changes.h"
#include "core/follow/profiles/profile.h"
#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Sec-Fetch-*.
[[nodiscard]] bool IsFetchMetadata(std::string_view field_name);

// Computes Sec-Fetch-Site for `next` from the value for `url`, so that it never narrows from hop to
// hop. Drops Sec-Fetch-* and Sec-CH-* for a URL that is not trustworthy. If `profile` says so,
// restores the fields that `chain` has set aside for a trustworthy URL.
void WriteFetchMetadata(const v1::HttpRequest& request, const http::Url& url, const http::Url& next,
                        const Profile& profile, v1::Chain& chain, Changes& changes);

}  // namespace fingerpost::follow

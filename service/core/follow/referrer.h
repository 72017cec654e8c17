// Referrer: what Referer and Origin tell the next origin about the source of the request.
#pragma once

#include "core/follow/changes.h"
#include "core/follow/profiles/profile.h"
#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Referrer Policy §3.
enum class ReferrerPolicy {
  kNoReferrer,
  kNoReferrerWhenDowngrade,
  kSameOrigin,
  kOrigin,
  kStrictOrigin,
  kOriginWhenCrossOrigin,
  kStrictOriginWhenCrossOrigin,
  kUnsafeUrl,
};

// The last known policy in Referrer-Policy (Referrer Policy §8.1); otherwise
// strict-origin-when-cross-origin.
[[nodiscard]] ReferrerPolicy ReadReferrerPolicy(const http::Headers& headers);

// The part of `referrer` that a request for `next` may reveal (Referrer Policy §8.3); empty: none.
[[nodiscard]] std::string TrimReferrer(http::Url referrer, const http::Url& next,
                                       ReferrerPolicy policy);

struct RefererInput {
  const v1::FollowRequest& request;
  const http::Url& url;  // Of the request.
  const http::Url& next;
  bool crosses;  // Whether their origins differ.
};

// Rewrites, drops or adds Referer by the profile's rule. Returns whether it added one, which then
// belongs to the client, not to the caller.
bool WriteReferer(const RefererInput& in, const RefererRule& rule, Changes& changes);

// Rewrites Origin. Returns whether the chain's origin is tainted from now on.
[[nodiscard]] bool WriteOrigin(const RefererInput& in, OriginField rule, Changes& changes);

}  // namespace fingerpost::follow

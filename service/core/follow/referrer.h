// Referrer: what the next origin learns of where the request comes from, in Referer and in Origin.
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

// The last policy in Referrer-Policy that is known (Referrer Policy §8.1), else
// strict-origin-when-cross-origin.
[[nodiscard]] ReferrerPolicy ReadReferrerPolicy(const http::Headers& headers);

// What of `referrer` a request for `next` may tell (Referrer Policy §8.3); empty: nothing.
[[nodiscard]] std::string TrimReferrer(http::Url referrer, const http::Url& next,
                                       ReferrerPolicy policy);

struct RefererInput {
  const v1::FollowRequest& request;
  const http::Url& url;  // Of the request.
  const http::Url& next;
  bool crosses;  // They are of different origins.
};

// Rewrites, drops or adds Referer as the profile's rule says. Returns whether it added one, which
// is then the client's and not the caller's.
bool WriteReferer(const RefererInput& in, const RefererRule& rule, Changes& changes);

// Rewrites Origin. Returns whether the chain's origin is tainted from now on.
[[nodiscard]] bool WriteOrigin(const RefererInput& in, OriginField rule, Changes& changes);

}  // namespace fingerpost::follow

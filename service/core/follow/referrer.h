// Referrer: what Referer and Origin tell the next origin about the source of the request.
#pragma once

#include <optional>
#include <string_view>

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

[[nodiscard]] std::optional<ReferrerPolicy> FindReferrerPolicy(std::string_view name);

// Writes the last known policy in Referrer-Policy, if there is one, into the chain (Referrer Policy
// §8.1, Fetch, "set request's referrer policy on redirect").
void RememberReferrerPolicy(const http::Headers& headers, v1::Chain& chain);

// The chain's policy; strict-origin-when-cross-origin unless a redirect has set one.
[[nodiscard]] ReferrerPolicy ReferrerPolicyOf(const v1::Chain& chain);

// The part of `referrer` that a request for `next` may reveal (Referrer Policy §8.3); empty: none.
[[nodiscard]] std::string TrimReferrer(http::Url referrer, const http::Url& next,
                                       ReferrerPolicy policy, const RefererRule& rule);

struct RefererInput {
  const v1::FollowRequest& request;
  const http::Url& url;  // Of the request.
  const http::Url& next;
  bool crosses;  // Whether their origins differ.
  ReferrerPolicy policy;
  const LocationRule& location;
  std::string_view reference;  // The Location that `next` is.
  std::string_view zone;       // Of its address; empty without one.
};

// The http or https URL in the request's Referer, if it is to be read.
[[nodiscard]] std::optional<http::Url> FindReferrer(const v1::FollowRequest& question,
                                                    const http::Url& url);

// Whether the chain has set `header` aside for the next Referer, not to put it back.
[[nodiscard]] bool IsForReferer(const v1::Header& header, const Profile& profile);

// Rewrites, drops or adds Referer by the profile's rule. Returns whether it added one, which then
// belongs to the client, not to the caller.
bool WriteReferer(const RefererInput& in, const RefererRule& rule, v1::Chain& chain,
                  Changes& changes);

// Rewrites Origin. Returns whether the chain's origin is tainted from now on.
[[nodiscard]] bool WriteOrigin(const RefererInput& in, const Profile& profile, Changes& changes);

}  // namespace fingerpost::follow

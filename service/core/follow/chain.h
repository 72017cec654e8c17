// The chain: what a caller carries from hop to hop. Checked, because it may be anybody's; advanced,
// because the service keeps nothing.
#pragma once

#include <cstdint>

#include "core/follow/profiles/profile.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "core/message/violations.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

inline constexpr uint32_t kMaxHops =
    100;  // curl's 50 is the most that a client follows by default.
inline constexpr int kMaxAddedFields = 16;  // No profile adds more than two.

// Adds a violation for everything that `chain` cannot hold if it is what the last answer gave.
void CheckChain(const v1::Chain& chain, const Profile& profile, message::Violations& violations);

// Begins a chain with the first request; `url` is its URL without userinfo.
void StartChain(const v1::HttpRequest& request, const http::Url& url, const Profile& profile,
                v1::Chain& chain);

// Remembers the request that was answered, as one more hop.
void AddVisit(const v1::HttpRequest& request, const http::Url& url,
              const v1::FollowOptions& options, v1::Chain& chain);

// How many of the chain's visits have that URL (without fragment), or are that very request.
[[nodiscard]] uint32_t CountVisits(const v1::Chain& chain, std::string_view url);
[[nodiscard]] bool HasVisited(const v1::Chain& chain, std::string_view method, std::string_view url,
                              uint64_t cookies);

// The names of fields that earlier hops added.
[[nodiscard]] bool WasAdded(const char* name, const v1::Chain& chain);
void RememberAdded(const char* name, v1::Chain& chain);
void ForgetAdded(const char* name, v1::Chain& chain);

// What a request's Cookie fields are recognised by; 0 without one. A value that must not be read
// counts as one and the same.
[[nodiscard]] uint64_t CookieFingerprint(const http::Headers& headers,
                                         const v1::FollowOptions& options);

// The last visit was to another origin than `to`, and an earlier one was to it.
[[nodiscard]] bool ReturnsToOrigin(const v1::Chain& chain, const http::Url& to);

}  // namespace fingerpost::follow

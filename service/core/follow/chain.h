// The chain: the state that a caller carries from hop to hop. It is checked, because anybody may
// have written it, and advanced here, because the service keeps nothing.
#pragma once

#include <cstdint>

#include "core/follow/profiles/profile.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "core/message/faults.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

inline constexpr uint32_t kMaxHops = 100;   // The highest default of a client is curl's 50.
inline constexpr int kMaxAddedFields = 16;  // No profile adds more than five.

// Reports everything that `chain` cannot hold if it is what the last answer gave, with that jar.
void CheckChain(const v1::Chain& chain, const Profile& profile, const JarRule& jar,
                message::Faults& faults);

// Begins a chain with the first request; `url` is its URL without userinfo.
void StartChain(const v1::HttpRequest& request, const http::Url& url, const Profile& profile,
                v1::Chain& chain);

// Records the answered request as one more hop.
void AddVisit(const v1::HttpRequest& request, const http::Url& url,
              const v1::FollowOptions& options, v1::Chain& chain);

// The number of the chain's visits with that URL (without fragment), or with exactly that request.
[[nodiscard]] uint32_t CountVisits(const v1::Chain& chain, std::string_view url);
[[nodiscard]] bool HasVisited(const v1::Chain& chain, std::string_view method, std::string_view url,
                              uint64_t cookies);

// Whether an earlier hop added the field.
[[nodiscard]] bool WasAdded(const char* name, const v1::Chain& chain);
void RememberAdded(const char* name, v1::Chain& chain);
void ForgetAdded(const char* name, v1::Chain& chain);

// Whether the chain's content could be sent only once, and has been dropped, if that counts later.
[[nodiscard]] bool HadOneShot(const Profile& profile, const v1::Chain& chain);
void RememberOneShot(const Profile& profile, v1::Chain& chain);

// Identifies a request's Cookie fields; 0 without one. All values that must not be read count as
// equal.
[[nodiscard]] uint64_t CookieFingerprint(const http::Headers& headers,
                                         const v1::FollowOptions& options);

// Whether the last visit was to another origin than `to`, and an earlier one to the same origin.
[[nodiscard]] bool ReturnsToOrigin(const v1::Chain& chain, const http::Url& to);

}  // namespace fingerpost::follow

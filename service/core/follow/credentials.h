// Credentials: whether a hop leaves the place that they are for, and which fields go for that and
// for other reasons.
#pragma once

#include "absl/container/inlined_vector.h"
#include "core/follow/changes.h"
#include "core/follow/profiles/profile.h"
#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// What the field rules need to know of a hop.
struct HopFacts {
  When when = 0;  // Everything that is true of this hop.
  const v1::FollowOptions& options;
  // Authorization is what the client made of the last URL's userinfo. It stays with that authority.
  bool authorization_is_derived = false;
  // Location names an authority.
  bool names_authority = false;
};

// The field's value must not be read: it is withheld, or the caller declared the field a secret.
[[nodiscard]] bool IsOpaque(const v1::Header& header, const v1::FollowOptions& options);

// Whether credentials that are for `from` may not go to `to`. `raw_from` and `raw_to` are the texts
// that the URLs were written as.
[[nodiscard]] bool Crosses(Crossing rule, const http::Url& from, const http::Url& to,
                           std::string_view raw_from, std::string_view raw_to);

// Both are in options.trusted_origins.
[[nodiscard]] bool BothTrusted(const v1::FollowOptions& options, const http::Url& from,
                               const http::Url& to);

// The profile's rules for fields that hold for one hop. `facts` must outlive it.
class FieldRules {
 public:
  FieldRules(const Profile& profile, const HopFacts& facts);

  // Why they, or the declared secrets, drop a field of that name; UNSPECIFIED: they do not.
  [[nodiscard]] v1::ChangeReason WhyDropped(std::string_view name) const {
    return concerned_.MayHave(name) || authorization_or_declared_ ? FindReason(name)
                                                                  : v1::CHANGE_REASON_UNSPECIFIED;
  }
  // The client does not follow with a field of that name.
  [[nodiscard]] bool Stops(std::string_view name) const;

 private:
  [[nodiscard]] v1::ChangeReason FindReason(std::string_view name) const;

  const HopFacts& facts_;
  FieldNames concerned_;  // What the dropping rules may have.
  bool authorization_or_declared_;
  absl::InlinedVector<const FieldRule*, 8> dropping_;
  absl::InlinedVector<const FieldRule*, 8> stopping_;
};

// Drops what they say. Never reads a value but Connection's. False: the client does not follow with
// such a field.
[[nodiscard]] bool DropFields(const v1::HttpRequest& request, const Profile& profile,
                              const HopFacts& facts, Changes& changes);

// The field was dropped because it is for the place that is left; a client that restores puts it
// back there.
[[nodiscard]] bool IsLeftBehind(v1::ChangeReason reason);

// Turns the URL's userinfo into Authorization: Basic (RFC 7617) as `rule` says. `given`: the first
// request had one. Returns whether it did so and the field is the URL's, not the request's.
bool AuthorizeByUserinfo(const http::Url& url, Userinfo rule, bool given,
                         const http::Headers& headers, Changes& changes);

// Adds the same field for the userinfo of the request's URL, which the client sent with it, unless
// the request has one or `facts` would drop it.
void AuthorizeByRequest(const http::Url& url, const http::Headers& headers, const Profile& profile,
                        const HopFacts& facts, Changes& changes);

// Whether the request, or what is set aside, has Authorization.
[[nodiscard]] bool HasAuthorization(const http::Headers& headers);

// Whether the text of a reference has an authority (RFC 3986 §4.2).
[[nodiscard]] bool NamesAuthority(std::string_view text);

// The field is named like a well-known secret that no specification has ("X-Api-Key"), and a
// careful caller declares it.
[[nodiscard]] bool LooksLikeSecret(std::string_view field_name);

}  // namespace fingerpost::follow

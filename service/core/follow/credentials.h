// Credentials: whether a hop leaves the place that they are for, and which fields are dropped for
// that and for other reasons.
#pragma once

#include "absl/container/inlined_vector.h"
#include "core/follow/changes.h"
#include "core/follow/profiles/profile.h"
#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// The input of the field rules about a hop.
struct HopFacts {
  When when = 0;  // All conditions that hold for this hop.
  const v1::FollowOptions& options;
  // Whether the client made Authorization from the last URL's userinfo, so that it stays with that
  // authority.
  bool authorization_is_derived = false;
  // The index of the request's Cookie, if it is only the jar's; -1: there is none.
  int jars_cookie = -1;
};

// Whether the field's value must not be read: it is withheld, or the caller declared the field a
// secret.
[[nodiscard]] bool IsOpaque(const v1::Header& header, const v1::FollowOptions& options);

// Whether `rule` depends on how an authority is written.
[[nodiscard]] constexpr bool ComparesText(Crossing rule) {
  return (rule & (kRawAuthority | kWrittenPort | kWrittenCase | kWrittenUserinfo)) != 0;
}
// Identifies the authority in the text of a reference, with as much of its spelling as matters to
// `rule`; 0: there is none, or `rule` compares no texts.
[[nodiscard]] uint64_t WrittenAuthority(Crossing rule, std::string_view text);

// Whether credentials for `from` must not go to `to`. `written_from` is the written authority of
// `from`, and `raw_to` the original text of `to`.
[[nodiscard]] bool Crosses(Crossing rule, const http::Url& from, const http::Url& to,
                           uint64_t written_from, std::string_view raw_to);

// Whether both are in options.trusted_origins.
[[nodiscard]] bool BothTrusted(const v1::FollowOptions& options, const http::Url& from,
                               const http::Url& to);

// The profile's field rules that apply to one hop. `facts` must outlive it.
class FieldRules {
 public:
  FieldRules(const Profile& profile, const HopFacts& facts);

  // Why the rules, or the declared secrets, drop a field of that name; UNSPECIFIED: they do not.
  [[nodiscard]] v1::ChangeReason WhyDropped(std::string_view name) const {
    return concerned_.MayHave(name) || authorization_or_declared_ ? FindReason(name)
                                                                  : v1::CHANGE_REASON_UNSPECIFIED;
  }
  // Whether the client refuses to follow with a field of that name.
  [[nodiscard]] bool Stops(std::string_view name) const;

 private:
  [[nodiscard]] v1::ChangeReason FindReason(std::string_view name) const;

  const HopFacts& facts_;
  FieldNames concerned_;  // Possible names in the dropping rules.
  bool authorization_or_declared_;
  absl::InlinedVector<const FieldRule*, 8> dropping_;
  absl::InlinedVector<const FieldRule*, 8> stopping_;
};

// Drops fields by the rules. Reads no value except Connection's. False: the client does not follow
// with such a field.
[[nodiscard]] bool DropFields(const v1::HttpRequest& request, const Profile& profile,
                              const HopFacts& facts, Changes& changes);

// Whether the client refuses to follow to another origin with one of these fields.
[[nodiscard]] bool StopsAcross(const http::Headers& headers, const Profile& profile,
                               const v1::FollowOptions& options);

// Whether the field was dropped because it belongs to the place that is left. A client that
// restores puts it back there.
[[nodiscard]] bool IsLeftBehind(v1::ChangeReason reason);

// Whether the text of a reference has an authority (RFC 3986 §4.2).
[[nodiscard]] bool NamesAuthority(std::string_view text);

// Whether the field has the name of a well-known but unspecified secret ("X-Api-Key"), which a
// careful caller declares.
[[nodiscard]] bool LooksLikeSecret(std::string_view field_name);

}  // namespace fingerpost::follow

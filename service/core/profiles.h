// Client profiles: what one client does with a redirect, as data.
//
// A profile is a row of knobs. The code that follows asks a knob, never which client it is, so a
// new client, or a client that changed its mind, is a new row. STRICT is a row, too.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "fingerpost/v1/follow.pb.h"

namespace fingerpost {

// A set of request methods. A rule of HTTP names these; every other method is kOther.
using Methods = uint16_t;
inline constexpr Methods kGet = 1 << 0;
inline constexpr Methods kHead = 1 << 1;
inline constexpr Methods kPost = 1 << 2;
inline constexpr Methods kPut = 1 << 3;
inline constexpr Methods kPatch = 1 << 4;
inline constexpr Methods kDelete = 1 << 5;
inline constexpr Methods kOptions = 1 << 6;
inline constexpr Methods kTrace = 1 << 7;
inline constexpr Methods kPropfind = 1 << 8;
inline constexpr Methods kQuery = 1 << 9;
inline constexpr Methods kOther = 1 << 10;
inline constexpr Methods kNoMethod = 0;
inline constexpr Methods kEveryMethod = (1 << 11) - 1;
[[nodiscard]] constexpr Methods AllBut(int methods) {
  return static_cast<Methods>(kEveryMethod & ~methods);
}

// The set that holds just `method`.
[[nodiscard]] Methods MethodBit(std::string_view method);

// What one status code does to a request, by its method.
struct StatusRule {
  Methods followed = kNoMethod;        // Others are not followed.
  Methods to_get = kNoMethod;          // The method becomes GET.
  Methods drop_body = kNoMethod;       // The content is not sent again.
  Methods drop_content = kNoMethod;    // The fields that describe content go.
  Methods one_shot_stops = kNoMethod;  // Not followed with content that can be sent once only, even
                                       // where it would be dropped.
};

// 300 to 308 by their last digit, then every other 3xx.
using StatusRules = std::array<StatusRule, 10>;
[[nodiscard]] const StatusRule& RuleOf(const StatusRules& rules, int status);

// When a group of fields is dropped. A set; any of them is enough.
using When = uint16_t;
inline constexpr When kEveryHop = 1 << 0;
inline constexpr When kCredentialsStay =
    1 << 1;  // The hop crosses, as Profile::crossing sees it, and no trust is declared.
inline constexpr When kOriginChanges =
    1 << 2;  // Scheme, host or effective port change, whatever is trusted.
inline constexpr When kContentDropped = 1 << 3;  // StatusRule::drop_content has the method.
inline constexpr When kUrlChanges = 1 << 4;      // The fragment does not count.
inline constexpr When kMethodChanges = 1 << 5;
inline constexpr When kAbsoluteLocation = 1 << 6;  // Location has a scheme.

// Names of fields. "Content-*" stands for every name with that beginning, "*" for all.
using FieldNames = std::span<const std::string_view>;
[[nodiscard]] bool HasField(FieldNames names, std::string_view name);

struct FieldRule {
  When when;
  v1::ChangeReason reason;
  FieldNames names;
  bool stops = false;  // Instead of dropping the field the client does not follow.
};

// How a client tells whether a hop leaves the place that credentials are for. No flag: scheme, host
// or effective port differ.
using Crossing = uint16_t;
inline constexpr Crossing kTuple = 0;
inline constexpr Crossing kIgnoresPort = 1 << 0;
inline constexpr Crossing kIgnoresScheme = 1 << 1;
inline constexpr Crossing kAllowsSubdomain = 1 << 2;  // Of the host that it comes from.
inline constexpr Crossing kAllowsUpgrade =
    1 << 3;  // http to https on the same host and the default ports.
inline constexpr Crossing kAllowsAnyToHttps = 1 << 4;  // Another scheme, if it is https.
inline constexpr Crossing kSlashIsSame =
    1 << 5;  // A Location that starts with "/" never crosses, "//" included.
inline constexpr Crossing kRelativeCrosses =
    1 << 6;  // A Location without scheme and leading "/" always does.
inline constexpr Crossing kRawAuthority =
    1 << 7;  // ":443" written out, another letter case or userinfo is another authority.
inline constexpr Crossing kNever = 1 << 8;
inline constexpr Crossing kAlways = 1 << 9;

// How Location is read.
enum class Several { kConflictIfDifferent, kConflict, kFirst, kFirstNonEmpty, kLast, kJoined };
enum class Octets { kKeep, kLatin1, kReplaceInvalidUtf8, kRefuse };

struct LocationRule {
  Several several = Several::kConflictIfDifferent;
  Octets octets =
      Octets::kKeep;  // What becomes of octets above 0x7F, before they are percent-encoded.
  bool empty_is_missing = true;          // Otherwise it is a reference to the same URL.
  std::string_view refused = kLineEnds;  // The client fails on any of these.
  std::string_view encoded = {};  // Percent-encoded before parsing, beyond what the URL Standard does.
  std::string_view fallback_field = {};  // Read when there is no Location.
  static constexpr std::string_view kLineEnds{"\r\n\0", 3};
};

enum class Userinfo { kStop, kStrip, kAuthorizeIfAbsent, kAuthorize };
enum class Loop { kNone, kSameRequest, kSameUrl };
// kOwn: an inherited fragment is the request's where Location has none. kOwnOrEmpty: also where
// Location's is empty.
enum class Inherit { kNone, kMissing, kMissingOrEmpty };
enum class OriginField { kKeep, kNullWhenTainted, kNullAcross };
// kMerged: the jar wins over a hand-set cookie name by name. kOnly: hand-set cookies go on every
// hop.
enum class Jar { kNone, kMerged, kOnly };
// Which cross-site requests carry SameSite cookies.
enum class SameSiteRule { kIgnored, kTopLevel, kSubresource };

struct RefererRule {
  bool by_policy = false;       // The caller's is trimmed as Referrer Policy says.
  bool previous_url = false;    // The previous URL is sent, without userinfo.
  bool caller_wins = false;     // Not if the caller set one.
  bool keeps_fragment = false;  // The previous URL's fragment is sent, too.
  bool not_on_downgrade = false;
  bool same_scheme_only = false;
};

// Bits are StopReason values.
using StopReasons = uint32_t;
[[nodiscard]] constexpr StopReasons StopBit(v1::StopReason reason) {
  return StopReasons{1} << static_cast<int>(reason);
}

struct Profile {
  v1::Profile id = v1::PROFILE_UNSPECIFIED;
  std::string_view client = {};  // Name and version that the row emulates.
  bool verified = true;     // Compared with the real client, in tests/profiles.

  StatusRules statuses = {};
  uint32_t limit = 20;
  Loop loop = Loop::kNone;
  uint32_t visits_per_url = 0;  // Most visits to one URL; 0: any number.
  StopReasons handed_back =
      0;  // The caller gets the 3xx; every other stop is an error of the client.

  LocationRule location = {};
  bool downgrade = true;
  Userinfo userinfo = Userinfo::kStrip;
  Inherit fragment = Inherit::kNone;

  Crossing crossing = kTuple;
  bool from_first =
      false;  // Crossing is judged from the first URL of the chain, not from the previous one.
  bool restores = false;  // Every hop starts from the first request's fields: dropped credentials
                          // come back where they may.
  std::span<const FieldRule> fields = {};
  bool heeds_connection = false;  // Fields that Connection names go, too.
  bool content_stays_dropped =
      false;  // Content that the caller adds again after the method changed is dropped again.
  OriginField origin = OriginField::kKeep;
  RefererRule referer = {};
  Jar jar = Jar::kNone;
  SameSiteRule same_site = SameSiteRule::kIgnored;
};

// `profile` with what the caller wants otherwise.
[[nodiscard]] Profile WithOptions(const Profile& profile, const v1::FollowOptions& options);

// The row of `profile`; UNSPECIFIED is STRICT. nullptr: no such profile.
[[nodiscard]] const Profile* FindProfile(v1::Profile profile);

}  // namespace fingerpost

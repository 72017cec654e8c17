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

namespace fingerpost::follow {

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
inline constexpr Methods kConnect = 1 << 10;
inline constexpr Methods kOther = 1 << 11;
inline constexpr Methods kNoMethod = 0;
inline constexpr Methods kEveryMethod = (1 << 12) - 1;
[[nodiscard]] constexpr Methods AllBut(int methods) {
  return static_cast<Methods>(kEveryMethod & ~methods);
}

// The set that holds just `method`.
[[nodiscard]] Methods MethodBit(std::string_view method);

// What one status code does to a request, by its method.
struct StatusRule {
  // Others are not followed.
  Methods followed = kNoMethod;
  // The method becomes GET.
  Methods to_get = kNoMethod;
  // The content is not sent again.
  Methods drop_body = kNoMethod;
  // The fields that describe content go.
  Methods drop_content = kNoMethod;
  // Not followed with content that can be sent once only, even where it would be dropped.
  Methods one_shot_stops = kNoMethod;
  // A request without content keeps its method.
  bool only_with_content = false;
};

// 300 to 308 by their last digit, then every other 3xx.
using StatusRules = std::array<StatusRule, 10>;
[[nodiscard]] const StatusRule& RuleOf(const StatusRules& rules, int status);

// When a field is dropped. A set; any of them is enough.
using When = uint16_t;
inline constexpr When kEveryHop = 1 << 0;
// The hop crosses, as Profile::crossing sees it, and no trust is declared.
inline constexpr When kCredentialsStay = 1 << 1;
// Scheme, host or effective port change, whatever is trusted.
inline constexpr When kOriginChanges = 1 << 2;
// StatusRule::drop_content has the method.
inline constexpr When kContentDropped = 1 << 3;
// The fragment does not count.
inline constexpr When kUrlChanges = 1 << 4;
inline constexpr When kMethodChanges = 1 << 5;
// Location has a scheme.
inline constexpr When kAbsoluteLocation = 1 << 6;

// Names of fields. "Content-*" stands for every name with that beginning, "*" for all.
class FieldNames {
 public:
  template <size_t N>
  // Not explicit: a row of the tables names its array.
  // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions)
  constexpr FieldNames(const std::string_view (&names)[N]) : names_(names) {
    for (const std::string_view name : names_) {
      if (!name.ends_with('*')) {
        whole_ |= LetterAndLength(name);
      } else {
        beginnings_ |= name.front() == '*' ? ~uint32_t{0} : Letter(name);
      }
    }
  }
  constexpr FieldNames() = default;

  // `name` is a token; case does not count.
  [[nodiscard]] bool Has(std::string_view name) const { return MayHave(name) && Matches(name); }
  // False: it has not.
  [[nodiscard]] bool MayHave(std::string_view name) const {
    return ((whole_ & LetterAndLength(name)) | (beginnings_ & Letter(name))) != 0;
  }
  // May have what `other` may have, too.
  void Widen(const FieldNames& other) {
    whole_ |= other.whole_;
    beginnings_ |= other.beginnings_;
  }

 private:
  // The first letter as a bit, without its case: most names differ there.
  static constexpr uint32_t Letter(std::string_view name) {
    return uint32_t{1} << (static_cast<uint8_t>(name.front()) & 0x1F);
  }
  // One of 64 bits, as different as possible for the names that there are.
  static constexpr uint64_t LetterAndLength(std::string_view name) {
    return uint64_t{1} << (((static_cast<uint8_t>(name.front()) & 0x1F) + 11 * name.size()) & 63);
  }
  [[nodiscard]] bool Matches(std::string_view name) const;

  std::span<const std::string_view> names_;
  uint64_t whole_ = 0;
  uint32_t beginnings_ = 0;  // Of the patterns with "*".
};

struct FieldRule {
  When when;
  v1::ChangeReason reason;
  FieldNames names;
  // Instead of dropping the field the client does not follow.
  bool stops = false;
  // Not in any of these cases.
  When unless = 0;
};

// How a client tells whether a hop leaves the place that credentials are for. No flag: scheme, host
// or effective port differ.
using Crossing = uint16_t;
inline constexpr Crossing kTuple = 0;
inline constexpr Crossing kIgnoresPort = 1 << 0;
inline constexpr Crossing kIgnoresScheme = 1 << 1;
// A subdomain of the host that it comes from is no other host.
inline constexpr Crossing kAllowsSubdomain = 1 << 2;
// http to https on the same host and the default ports is no other origin.
inline constexpr Crossing kAllowsUpgrade = 1 << 3;
// https is no other scheme.
inline constexpr Crossing kAllowsAnyToHttps = 1 << 4;
// A Location that starts with "/" never crosses, "//" included.
inline constexpr Crossing kSlashIsSame = 1 << 5;
// A Location without scheme and leading "/" always crosses.
inline constexpr Crossing kRelativeCrosses = 1 << 6;
// ":443" written out, another letter case or userinfo is another authority.
inline constexpr Crossing kRawAuthority = 1 << 7;
inline constexpr Crossing kNever = 1 << 8;
inline constexpr Crossing kAlways = 1 << 9;

// Which of several Locations holds.
enum class Several { kConflictIfDifferent, kConflict, kFirst, kFirstNonEmpty, kLast, kJoined };

// What becomes of octets above 0x7F before they are percent-encoded.
enum class Octets {
  kKeep,
  kLatin1,              // Read as Latin-1, written as UTF-8.
  kLatin1UnlessUtf8,    // The same, if the text is not UTF-8.
  kReplaceInvalidUtf8,  // By U+FFFD.
  kDropInvalidUtf8,
  kRefuseInvalidUtf8,
  kRefuse,
};

// What "///b.test/x" means: b.test's /x, this host's /b.test/x or ///b.test/x, or nothing.
enum class EmptyAuthority { kUrlStandard, kPath, kPathAsWritten, kRefused };

// What "http:x" and "http:/x", without an authority, mean: what the URL Standard says, nothing, the
// same without its scheme if that is the request's and nothing otherwise, or "http://x" with one
// slash and nothing otherwise.
enum class NoAuthority { kUrlStandard, kRefused, kRelative, kOneSlashIsTwo };

struct LocationRule {
  static constexpr std::string_view kLineEnds{"\r\n\0", 3};

  Several several = Several::kConflictIfDifferent;
  // Between joined ones.
  std::string_view joint = ", ";
  // An empty one beside others does not count.
  bool skips_empty = false;
  // No Location is an empty one.
  bool missing_is_empty = false;
  // Otherwise it is a reference to the same URL.
  bool empty_is_missing = true;
  Octets octets = Octets::kKeep;
  // The client fails on any of these.
  std::string_view refused = kLineEnds;
  // Percent-encoded before parsing, beyond what the URL Standard does.
  std::string_view encoded = {};
  EmptyAuthority empty_authority = EmptyAuthority::kUrlStandard;
  NoAuthority no_authority = NoAuthority::kUrlStandard;
  // Stands before a reference without a path, "?a=1" or an empty one (RFC 2396 §5.2).
  std::string_view pathless = {};
  // A space in the query becomes "+".
  bool plus_in_query = false;
  // The client fails on a "%" without two hexadecimal digits.
  bool refuses_bare_percent = false;
  // Read when there is no Location.
  std::string_view fallback_field = {};
};

// What becomes of userinfo in Location.
enum class Userinfo {
  kStop,
  kStopAcross,  // When the origin changes; otherwise it is stripped.
  kStrip,
  kAuthorizeIfAbsent,     // Becomes Authorization: Basic, if there is no Authorization.
  kAuthorizeUnlessGiven,  // The same, if there was none in the first request either.
  kAuthorize,             // Becomes Authorization: Basic.
};

// What becomes of userinfo in the request's URL on the next hop: nothing; a Location without an
// authority inherits it, as the rest of the URL's; or it is Authorization: Basic, as if the request
// had that field, if it has none.
enum class RequestUserinfo { kIgnored, kInherited, kAuthorization };

// What is a loop: nothing, the same method, URL and cookies, or the same URL.
enum class Loop { kNone, kSameRequest, kSameUrl };

// When the next URL gets the request's fragment.
enum class Inherit { kNever, kIfMissing, kIfMissingOrEmpty };

// What becomes of content that can be sent once only, where the redirect keeps it.
enum class OneShot {
  kStops,
  kReplayed,  // The client had kept a copy.
  kLost,      // The method is kept, and nothing is sent with it.
};

// kComputed: written anew for each hop, as Fetch does in mode cors; the others only change a field
// that is there.
enum class OriginField { kKeep, kNullWhenTainted, kNullAcross, kComputed };

// kMerged: the jar wins over a hand-set cookie name by name. A client that sends none but the jar's
// has a rule that drops Cookie on every hop. kSameOrigin: only while the chain has one origin
// (Fetch, credentials mode "same-origin").
enum class Jar { kNone, kMerged, kSameOrigin };

// Sec-Fetch-*: as the caller wrote them; Sec-Fetch-Site computed for each hop, and all of them
// taken off towards URLs that are not trustworthy; the same, and put back where they may be.
enum class FetchMetadata { kKeep, kComputed, kPutBack };

// Which requests to another site carry SameSite cookies: all, those of a navigation, those of a
// page's script.
enum class SameSiteRule { kIgnored, kTopLevel, kSubresource };

struct RefererRule {
  // The caller's is trimmed as Referrer Policy says.
  bool by_policy = false;
  // The previous URL is sent, without userinfo.
  bool previous_url = false;
  // Not if the caller set one.
  bool caller_wins = false;
  // The previous URL's fragment is sent, too.
  bool keeps_fragment = false;
  bool not_on_downgrade = false;
  bool same_scheme_only = false;
};

// Bits are StopReason values.
using StopReasons = uint32_t;
[[nodiscard]] constexpr StopReasons StopBit(v1::StopReason reason) {
  return StopReasons{1} << static_cast<int>(reason);
}
// The response is the result.
inline constexpr StopReasons kResults = StopBit(v1::STOP_REASON_FINAL_RESPONSE) |
                                        StopBit(v1::STOP_REASON_NO_LOCATION) |
                                        StopBit(v1::STOP_REASON_STATUS_NOT_FOLLOWED);

struct Profile {
  v1::Profile id = v1::PROFILE_UNSPECIFIED;
  // Name and version that the row emulates.
  std::string_view client = {};
  // Compared with the current release of the real client, in tests/profiles.
  bool verified = true;

  StatusRules statuses = {};
  uint32_t limit = 20;
  Loop loop = Loop::kNone;
  // Most visits to one URL; 0: any number.
  uint32_t visits_per_url = 0;
  // The first request is no visit: only redirects are counted.
  bool first_is_no_visit = false;
  OneShot one_shot = OneShot::kStops;
  // The caller gets the 3xx; every other stop is an error of the client.
  StopReasons handed_back = kResults;

  LocationRule location = {};
  bool downgrade = true;
  Userinfo userinfo = Userinfo::kStrip;
  RequestUserinfo request_userinfo = RequestUserinfo::kIgnored;
  Inherit fragment = Inherit::kNever;

  Crossing crossing = kTuple;
  // Crossing is judged from the first URL of the chain, not from the previous one.
  bool from_first = false;
  // Every hop starts from the first request's fields: dropped credentials come back where they may.
  bool restores = false;
  // So do the fields that describe content, when the method changed on an earlier hop.
  bool restores_content = false;
  std::span<const FieldRule> fields = {};
  // Fields that Connection names go, too.
  bool heeds_connection = false;
  // Range goes with the condition that it was sent on.
  bool ties_range = false;
  // Content that the caller adds again after the method changed is dropped again.
  bool content_stays_dropped = false;
  OriginField origin = OriginField::kKeep;
  RefererRule referer = {};
  FetchMetadata fetch_metadata = FetchMetadata::kKeep;
  Jar jar = Jar::kNone;
  SameSiteRule same_site = SameSiteRule::kIgnored;
  // A Secure cookie goes to http://localhost, 127.0.0.1 and [::1], too.
  bool loopback_is_secure = false;
};

// `profile` with what the caller wants otherwise.
[[nodiscard]] Profile WithOptions(const Profile& profile, const v1::FollowOptions& options);

// The row of `profile`; UNSPECIFIED is STRICT. nullptr: no such profile.
[[nodiscard]] const Profile* FindProfile(v1::Profile profile);

}  // namespace fingerpost::follow

// Client profiles: each client's behaviour on redirects, as data.
//
// A profile is a row of settings. The code reads the settings and never asks for the client's name,
// so a new or changed client is only a new row. STRICT is a row, too.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/follow/profiles/jar_rule.h"
#include "core/follow/profiles/location_rule.h"
#include "core/follow/profiles/site_rule.h"
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

// The set of just `method`.
[[nodiscard]] Methods MethodBit(std::string_view method);

// The effect of one status code on a request, by its method.
struct StatusRule {
  // Methods that are followed.
  Methods followed = kNoMethod;
  // Methods that become GET.
  Methods to_get = kNoMethod;
  // Methods whose content is not sent again.
  Methods drop_body = kNoMethod;
  // Methods that lose the fields that describe content.
  Methods drop_content = kNoMethod;
  // Methods that are not followed with content that can be sent only once, even if it would be
  // dropped.
  Methods one_shot_stops = kNoMethod;
  // A request without content keeps its method.
  bool only_with_content = false;
  // One with content that can be sent again keeps everything.
  bool keeps_replayable = false;
  // Methods that also become GET, without content, if the hop leaves the origin.
  Methods to_get_across = kNoMethod;
  // Methods whose content, with the fields that describe it, does not leave the origin.
  Methods drop_body_across = kNoMethod;
  // Location names a proxy (305, RFC 2616 §10.3.6): the same request goes to its host and port.
  bool to_proxy = false;
  // The client fails on the response, although it does not follow it.
  bool fails = false;
  // Without a Location it is an error of the client, although the profile hands such a response
  // back.
  bool needs_location = false;
};

// 300 to 308 by their last digit, then every other 3xx.
using StatusRules = std::array<StatusRule, 10>;
[[nodiscard]] const StatusRule& RuleOf(const StatusRules& rules, int status);

// When a field is dropped: a set of conditions, any of which suffices.
using When = uint16_t;
inline constexpr When kEveryHop = 1 << 0;
// The hop crosses, by Profile::crossing, and no trust is declared.
inline constexpr When kCredentialsStay = 1 << 1;
// Scheme, host or effective port changes, regardless of trust.
inline constexpr When kOriginChanges = 1 << 2;
// StatusRule::drop_content has the method.
inline constexpr When kContentDropped = 1 << 3;
// The URL changes, apart from its fragment.
inline constexpr When kUrlChanges = 1 << 4;
inline constexpr When kMethodChanges = 1 << 5;
// Location has a scheme.
inline constexpr When kAbsoluteLocation = 1 << 6;
// The status is 305.
inline constexpr When kUseProxy = 1 << 7;
// Location has a scheme or an authority.
inline constexpr When kNewAuthority = 1 << 8;

// Field names. "Content-*" stands for every name with that prefix, "*" for all.
//
// First letter and length rule out most names. Without that look the five hops of
// tests/bench/follow_bench.cc take 4.8 % more instructions in-process, and 2.7 % served.
class FieldNames {
 public:
  template <size_t N>
  // Implicit, so that a row of the tables can name an array.
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

  // `name` is a token; case-insensitive.
  [[nodiscard]] bool Has(std::string_view name) const { return MayHave(name) && Matches(name); }
  // False: it certainly does not have it.
  [[nodiscard]] bool MayHave(std::string_view name) const {
    return ((whole_ & LetterAndLength(name)) | (beginnings_ & Letter(name))) != 0;
  }
  [[nodiscard]] std::span<const std::string_view> Names() const { return names_; }
  // Adds the possible names of `other`.
  void Widen(const FieldNames& other) {
    whole_ |= other.whole_;
    beginnings_ |= other.beginnings_;
  }

 private:
  // The first letter, case-insensitive, as a bit: most names differ there.
  static constexpr uint32_t Letter(std::string_view name) {
    return uint32_t{1} << (static_cast<uint8_t>(name.front()) & 0x1F);
  }
  // One of 64 bits, chosen to separate the existing names well.
  static constexpr uint64_t LetterAndLength(std::string_view name) {
    return uint64_t{1} << (((static_cast<uint8_t>(name.front()) & 0x1F) + 11 * name.size()) & 63);
  }
  [[nodiscard]] bool Matches(std::string_view name) const;

  std::span<const std::string_view> names_;
  uint64_t whole_ = 0;
  uint32_t beginnings_ = 0;  // For the patterns with "*".
};

struct FieldRule {
  When when;
  v1::ChangeReason reason;
  FieldNames names;
  // The client stops instead of dropping the field.
  bool stops = false;
  // Conditions under which the rule does not apply.
  When unless = 0;
};

// How a client decides whether a hop leaves the place that credentials are for. Without a flag:
// scheme, host or effective port differs.
using Crossing = uint16_t;
inline constexpr Crossing kTuple = 0;
inline constexpr Crossing kIgnoresPort = 1 << 0;
inline constexpr Crossing kIgnoresScheme = 1 << 1;
// A subdomain of the previous host counts as the same host.
inline constexpr Crossing kAllowsSubdomain = 1 << 2;
// http to https on the same host and the default ports counts as the same origin.
inline constexpr Crossing kAllowsUpgrade = 1 << 3;
// A change to https does not count as another scheme.
inline constexpr Crossing kAllowsAnyToHttps = 1 << 4;
// A Location that starts with "/" never crosses, not even with "//".
inline constexpr Crossing kSlashIsSame = 1 << 5;
// A Location without scheme and leading "/" always crosses.
inline constexpr Crossing kRelativeCrosses = 1 << 6;
// An explicit ":443", another letter case or userinfo makes another authority.
inline constexpr Crossing kRawAuthority = 1 << 7;
inline constexpr Crossing kNever = 1 << 8;
inline constexpr Crossing kAlways = 1 << 9;
// A port that goes without saying (":80"), or capitals in the host, make another authority.
inline constexpr Crossing kWrittenPort = 1 << 10;
inline constexpr Crossing kWrittenCase = 1 << 11;
// Host and port are compared as Location writes them, apart from letter case and userinfo: an
// explicit ":80" makes another place, and so does a Location without a host, or without "http" in
// small letters.
inline constexpr Crossing kWrittenHost = 1 << 12;
// Userinfo makes another authority. What a Location without an authority leads to gets the fields
// of the hop before; once content is dropped, those of the first request.
inline constexpr Crossing kWrittenUserinfo = 1 << 13;

// The treatment of userinfo in Location.
enum class Userinfo {
  kStop,
  kStopAcross,  // Stop if the origin changes; otherwise strip it.
  kStrip,
  kAuthorizeIfAbsent,     // It becomes Authorization: Basic, unless there is Authorization.
  kAuthorizeUnlessGiven,  // The same, unless the first request had Authorization.
  kAuthorizeOrStop,       // It becomes Authorization: Basic; beside Authorization it is an error.
  kAuthorizeInstead,      // It becomes Authorization: Basic, in place of another Authorization.
  kAuthorizeBeside,       // It becomes Authorization: Basic, beside another Authorization.
};

// How userinfo is written in Authorization: Basic.
struct BasicRule {
  // With its percent-encoding.
  bool keeps_escapes = false;
  // Without the colon, if there is no password.
  bool drops_last_colon = false;
  // Also of an empty userinfo: of "@", or only of ":@".
  bool of_empty = false;
  bool of_empty_pair = false;
  // In Latin-1, where it can be.
  bool latin1 = false;
  // The request's, only if it has a password.
  bool needs_password = false;
};

// The treatment of userinfo in the request's URL on the next hop: ignored; inherited by a Location
// without an authority; turned into Authorization: Basic, as if the request had that field, unless
// it has one; or that of the first request turned into it on every hop to its origin, in place of
// any other.
enum class RequestUserinfo { kIgnored, kInherited, kAuthorization, kFirstOrigin };

// The definition of a loop: none; the same method, URL and cookies; the same URL; or a Location
// that is the request's URL, octet by octet. kAnsweredTwice: a redirect answers a request with the
// method, URL and cookies of an earlier one, so that the loop is only found when the repetition has
// been sent.
enum class Loop { kNone, kSameRequest, kSameUrl, kOwnText, kAnsweredTwice };

// When the next URL inherits the request's fragment.
enum class Inherit { kNever, kIfMissing, kIfMissingOrEmpty };

// The treatment of content that can be sent only once, if the redirect keeps it.
enum class OneShot {
  kStops,
  kStopsEver,  // The same, and so does every later one that would keep it, although it was dropped.
  kReplayed,   // The client has kept a copy.
  kLost,       // The method is kept, and nothing is sent with it.
};

// kComputed: written anew for each hop, as in Fetch's mode cors. The others only change an existing
// field.
enum class OriginField { kKeep, kNullWhenTainted, kNullAcross, kComputed };

// What a page over https does not let its requests reach over http, unless on the device itself
// (Mixed Content): nothing in particular; everything; or a form's content, so POST on 307 and 308.
enum class MixedContent { kFollowed, kStops, kFormStops };

// Whether there is a jar: JarRule has its rules. A client that sends only the jar's cookies has a
// rule that drops Cookie on every hop. kSameOrigin: only while the chain and its page have one
// origin (Fetch, credentials mode "same-origin").
enum class Jar { kNone, kMerged, kSameOrigin };

// Sec-Fetch-*: unchanged; Sec-Fetch-Site computed for each hop, and all of them dropped for URLs
// that are not trustworthy; or the same, and put back for trustworthy ones.
enum class FetchMetadata { kKeep, kComputed, kPutBack };

// How SameSite limits cookies to another site: not at all, as for a navigation, or as for a page's
// script.
enum class SameSiteRule { kIgnored, kTopLevel, kSubresource };

// The authority of the previous URL in Referer: as the URL Standard writes it; as it was written,
// with the capitals of its host and its port (":80", ":"); or the same, with the port as a number.
enum class RefererAuthority { kUrlStandard, kAsWritten, kPortAsNumber };

struct RefererRule {
  // Trims the caller's Referer by Referrer Policy.
  bool by_policy = false;
  // Tells another site no more than the default policy, whatever a redirect's. After a hop that
  // ignored a policy so, the first request's Referer is trimmed anew.
  bool no_relaxing_across_sites = false;
  // Only https to http is a downgrade, whether they are on the device itself or not.
  bool downgrade_by_scheme = false;
  // Sends the previous URL, without userinfo.
  bool previous_url = false;
  // Keeps a Referer that the caller set.
  bool caller_wins = false;
  // Sends the previous URL's fragment, too.
  bool keeps_fragment = false;
  bool not_on_downgrade = false;
  bool same_scheme_only = false;
  // Sends only the origin to another one.
  bool origin_across = false;
  RefererAuthority authority = RefererAuthority::kUrlStandard;
};

// Bits are StopReason values.
using StopReasons = uint32_t;
[[nodiscard]] constexpr StopReasons StopBit(v1::StopReason reason) {
  return StopReasons{1} << static_cast<int>(reason);
}
// For these the response is the result.
inline constexpr StopReasons kResults = StopBit(v1::STOP_REASON_FINAL_RESPONSE) |
                                        StopBit(v1::STOP_REASON_NO_LOCATION) |
                                        StopBit(v1::STOP_REASON_STATUS_NOT_FOLLOWED);

struct Profile {
  v1::Profile id = v1::PROFILE_UNSPECIFIED;
  // The name and version of the emulated client.
  std::string_view client = {};
  // Whether tests/profiles compare it with the current release of the real client.
  bool verified = true;

  StatusRules statuses = {};
  uint32_t limit = 20;
  Loop loop = Loop::kNone;
  // Most visits to one URL; 0: any number.
  uint32_t visits_per_url = 0;
  // Counts only redirects; the first request is not a visit.
  bool first_is_no_visit = false;
  OneShot one_shot = OneShot::kStops;
  // Stops after which the caller gets the 3xx; every other stop is an error of the client.
  StopReasons handed_back = kResults;
  // The scheme of a Location after which it gets the 3xx, too.
  std::string_view handed_back_scheme = {};

  LocationRule location = {};
  bool downgrade = true;
  bool upgrade = true;  // From http to https.
  MixedContent mixed_content = MixedContent::kFollowed;
  Userinfo userinfo = Userinfo::kStrip;
  RequestUserinfo request_userinfo = RequestUserinfo::kIgnored;
  BasicRule basic = {};
  Inherit fragment = Inherit::kNever;

  Crossing crossing = kTuple;
  // Takes the host of the request's own Host field for the previous one, and resolves a Location
  // without a scheme against it.
  bool host_field_is_base = false;
  // Looks at the request before it looks at the next URL: content that can be sent only once comes
  // first, then a FieldRule that stops.
  bool request_first = false;
  // Looks at the method before it looks at Location.
  bool method_first = false;
  // Fails on an invalid Location only if the method is followed.
  bool method_before_invalid = false;
  // Looks at the method of the chain's first request, instead.
  bool first_method_counts = false;
  // Compares with the first URL of the chain for crossing, not with the previous one.
  bool from_first = false;
  // Starts every hop from the first request's fields, so that dropped credentials return where they
  // are allowed.
  bool restores = false;
  // Also restores the fields that describe content, if the method changed on an earlier hop.
  bool restores_content = false;
  std::span<const FieldRule> fields = {};
  // Also drops the fields that Connection names.
  bool heeds_connection = false;
  // Drops Range together with its condition.
  bool ties_range = false;
  // Drops content that the caller adds again after the method changed.
  bool content_stays_dropped = false;
  OriginField origin = OriginField::kKeep;
  // Origin becomes "null" where Referrer-Policy would tell nothing.
  bool origin_by_policy = false;
  RefererRule referer = {};
  FetchMetadata fetch_metadata = FetchMetadata::kKeep;
  // The jar that the client has unless it is told otherwise.
  Jar jar = Jar::kNone;
  // The client's own cookie engine, if it has one that is not RFC 6265bis; its jar may be kNone.
  const JarRule* engine = nullptr;
  SameSiteRule same_site = SameSiteRule::kIgnored;
  SiteRule site = {};
  // Sends Secure cookies to http://localhost, 127.0.0.1 and [::1], too.
  bool loopback_is_secure = false;
};

// `profile` with the caller's overrides.
[[nodiscard]] Profile WithOptions(const Profile& profile, const v1::FollowOptions& options);

// Whether the profile's client has a cookie engine of its own.
[[nodiscard]] inline bool HasEngine(const Profile& profile) {
  return profile.jar != Jar::kNone || profile.engine != nullptr;
}

// The rules of the profile's jar.
[[nodiscard]] inline const JarRule& JarOf(const Profile& profile) {
  return profile.engine == nullptr ? kBrowserJar : *profile.engine;
}
// The same, with the caller's choice.
[[nodiscard]] const JarRule& JarOf(const Profile& profile, const v1::FollowOptions& options);

// The row of `profile`; UNSPECIFIED is STRICT. nullptr: no such profile.
[[nodiscard]] const Profile* FindProfile(v1::Profile profile);

}  // namespace fingerpost::follow

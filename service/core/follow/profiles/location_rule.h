// How a client reads Location, and writes the next URL: a part of its row.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/follow/profiles/spelling.h"
#include "core/http/limits.h"

namespace fingerpost::follow {

// Which of several Locations counts.
// kJoinedIfEqual: a conflict if two of them differ, and are not empty; otherwise joined.
enum class Several { kConflictIfDifferent, kConflict, kFirst, kLast, kJoined, kJoinedIfEqual };

// The treatment of octets above 0x7F before they are percent-encoded.
enum class Octets {
  kKeep,
  kLatin1,              // Read as Latin-1, written as UTF-8.
  kLatin1UnlessUtf8,    // The same, if the text is not UTF-8.
  kLatin1InQuery,       // The same in the query; in the path as kReplaceInvalidUtf8.
  kReplaceInvalidUtf8,  // With U+FFFD.
  kDropInvalidUtf8,
  kRefuseInvalidUtf8,
  kRefuse,
};

// The meaning of "///b.test/x" and, with one more slash, of "////b.test/x".
enum class EmptyAuthority {
  kUrlStandard,  // b.test's /x, with any number of slashes.
  kThreeAreTwo,  // The same with three; nothing with more.
  kPath,         // This host's /b.test/x; with four its //b.test/x.
  kPathOfThree,  // The same with three; nothing with more.
  kReadAgain,    // This host's /b.test/x; with four b.test's /x, because "//b.test/x" is read anew.
  kPathAsWritten,  // This host's ///b.test/x.
  kPathOfFour,     // Nothing; with four this host's ////b.test/x.
  kRefused,
};

// The meaning of "http:x" and "http:/x", without an authority: as in the URL Standard; nothing; a
// relative reference if the scheme is the request's, otherwise nothing; "http://x" for one slash or
// three, otherwise nothing; or this path at the request's host, and nothing without a slash.
// kRelativeButThree: kRelative, but nothing with three slashes. kStandardButThree: as in the URL
// Standard, but nothing with three slashes. kAnySlashes: "http://x" with any number of slashes,
// even none. kThreeSlashes: "http://x" for three slashes, otherwise nothing.
enum class NoAuthority {
  kUrlStandard,
  kStandardButThree,
  kRefused,
  kRelative,
  kUpToThreeSlashes,
  kRequestHost,
  kRelativeButThree,
  kAnySlashes,
  kThreeSlashes
};

// The time at which a tab inside of Location disappears: before the client looks for a scheme and
// an authority; after that, so that "/\t/b.test" is a path; or before, but "/\t/b.test" is refused.
// kSpaces: it becomes a space.
enum class Tabs { kFirst, kAfterAuthority, kRefusedBetweenSlashes, kSpaces };

// The web sockets that the client treats as http.
enum class WebSockets { kRefused, kPlain, kBoth };

// The paths in which "//" becomes "/". kBeginning: every one, but only at its beginning.
// kEveryFirst: every one, before dot segments are removed.
enum class Merged { kNone, kRelative, kEvery, kBeginning, kEveryFirst };

// Where a client fails on a "%" without two hexadecimal digits. kUnlessHalfInQuery: everywhere, but
// in the query only if neither of the next two characters is one.
enum class BarePercentRefused { kNowhere, kOutsideQuery, kUnlessHalfInQuery, kAnywhere };

// The meaning of a relative reference with a colon, and no scheme, in its first segment: a path, as
// in the URL Standard; a path below "/"; or the request's URL. kHost: its beginning is a host, and
// the same with a colon anywhere, if there is no leading "/". kOpaqueHost: with a scheme, but
// without "//", the scheme is a host ("mailto:a@b.test" is http://mailto:a@b.test).
enum class Colon { kPath, kRoot, kRequest, kHost, kOpaqueHost };

// The meaning of "//", "//?q" and "//:/x": as `pathless` says; no authority, while "//@" has an
// empty one; or nothing, like "//@". kReplacesSegment: "//?q" has no authority, and replaces the
// last segment, which "?q" does not.
enum class EmptyNetwork { kByPathless, kNone, kRefused, kReplacesSegment };

// The meaning of an authority without a host: nothing; the device itself, localhost with an empty
// Host; or the same with its port as Host, if it begins with that ("//:80/x"), and no authority
// without any text ("//?q").
enum class NoHost { kInvalid, kLoopback, kLoopbackIfPort };

// The zones of an IPv6 address that the client reads (RFC 6874): an address that is not link-local
// is reached without it, and the URL Standard has none, so it goes. A link-local one is invalid.
using Zones = uint8_t;
inline constexpr Zones kBareZone = 1 << 0;     // "[::1%lo]"
inline constexpr Zones kNumberZone = 1 << 1;   // "[::1%25]": the one with this number.
inline constexpr Zones kZone = 1 << 2;         // "[::1%25lo]"
inline constexpr Zones kEscapedZone = 1 << 3;  // "[::1%25l%6f]"
// The zone is no part of the name that decides about credentials.
inline constexpr Zones kZoneIsNoName = 1 << 4;

// What Host has as Location wrote it, though the URL is written otherwise: an IPv4 address that is
// not four numbers, "http://2130706433"; a port's first zeros; the host's escapes.
using WrittenInHost = uint8_t;
inline constexpr WrittenInHost kNumberInHost = 1 << 0;
inline constexpr WrittenInHost kZerosInHost = 1 << 1;
inline constexpr WrittenInHost kEscapesInHost = 1 << 2;

// The meaning of "http://[::1]x/y": nothing; [::1]'s /y; or [::1]'s /x/y.
enum class BracketTail { kInvalid, kDropped, kBeginsPath };

// The meaning of a port that is no number: nothing; none, if it does not begin with a digit; none,
// if it is a negative number ("-80"), but not behind brackets; or it ends the URL:
// "http://b.test:x/p" is http://b.test/.
enum class BadPort { kInvalid, kNone, kNegativeIsNone, kEndsUrl };

struct LocationRule {
  static constexpr std::string_view kLineEnds{"\r\n\0", 3};

  Several several = Several::kConflictIfDifferent;
  // The text between joined Locations.
  std::string_view joint = ", ";
  // Ignores an empty Location besides others.
  bool skips_empty = false;
  // Treats a missing Location as an empty one.
  bool missing_is_empty = false;
  // Treats an empty Location as a missing one; otherwise it is a reference to the same URL.
  bool empty_is_missing = true;
  Octets octets = Octets::kKeep;
  // Characters and several different Locations on which the client fails as soon as it reads the
  // fields, whatever the status.
  std::string_view breaks_response = {};
  bool conflict_breaks_response = false;
  // The most octets of a Location that it follows.
  size_t longest_location = http::kMaxUrl;
  // The most octets of a field, or of all fields, that it reads, with names; 0: any number.
  uint32_t longest_field = 0;
  uint32_t longest_fields = 0;
  // Percent-encodes controls, and spaces left there, at the beginning and the end.
  bool keeps_first_controls = false;
  bool keeps_last_controls = false;
  // Characters beside space and tab that it removes from the ends of a value.
  std::string_view trimmed = {};
  // Removes white space from the ends of joined values, too.
  bool trims_joined = false;
  // White space that is a part of a value at its end: spaces, and tabs.
  std::string_view kept_at_end = {};
  // A value ends at NUL.
  bool ends_at_nul = false;
  // Fails on a value with white space at its end, even where values are joined.
  bool refuses_outer_space = false;
  // Fails on a reference without a scheme whose first segment has a colon (RFC 3986 §4.2).
  bool refuses_colon_in_first = false;
  // Takes the text before the first "://", wherever it is, for the scheme: "/x?to=http://b.test"
  // has one that is not allowed.
  bool scheme_anywhere = false;
  // What is http to it: not even "ws://b.test"; that; or that and "wss://b.test" as https.
  WebSockets web_sockets = WebSockets::kRefused;
  // Two backslashes, or a letter and a colon, begin a file's path; elsewhere a backslash begins no
  // authority.
  bool backslashes_are_file = false;
  // Fails on an invalid reference without a scheme, although invalid URLs are handed back.
  bool invalid_relative_fails = false;
  // A URL of another scheme, with a path but no authority, is invalid to it.
  bool path_needs_authority = false;
  // Characters on which the client fails.
  std::string_view refused = kLineEnds;
  // Characters that are percent-encoded before parsing, in addition to the URL Standard's.
  std::string_view encoded = {};
  EmptyAuthority empty_authority = EmptyAuthority::kUrlStandard;
  NoAuthority no_authority = NoAuthority::kUrlStandard;
  Tabs tabs = Tabs::kFirst;
  Merged merged = Merged::kNone;
  // Characters of an authority, or of its host, on which the client fails. With the authority
  // ending at the first "/", "?" or "#"; kAnyOctet stands for every octet above 0x7F.
  static constexpr char kAnyOctet = '\x80';
  std::string_view refused_in_authority = {};
  std::string_view refused_in_host = {};
  // Characters of a path on which the client fails.
  std::string_view refused_in_path = {};
  // Fails on "http://@b.test": a userinfo without a name.
  bool refuses_empty_userinfo = false;
  // Fails on "http://2130706433": an IPv4 address that is not written as four numbers.
  bool refuses_number_host = false;
  // Fails on "http://a@b@c.test".
  bool refuses_second_at = false;
  // Writes "http://b.test./" without the host's last dot.
  bool drops_last_dot = false;
  // Reads b.test in "http://b.test\@a.test", and then the path "\@a.test".
  bool backslash_ends_authority = false;
  // Characters at which the host ends, and the path begins, although the URL Standard allows them
  // in a host: the client parses the resolved URL again, by its own rules. It compares hosts
  // before.
  std::string_view host_ends_at = {};
  // Such a path is sent without a slash before it.
  bool host_end_is_target = false;
  // The path of a reference without one, "?a=1" or an empty one (RFC 2396 §5.2).
  std::string_view pathless = {};
  // An empty reference is the same URL, all the same.
  bool keeps_empty = false;
  // The schemes that the client can read beside http and https: with another one Location is
  // invalid to it. Empty: all.
  std::span<const std::string_view> known_schemes = {};
  // A space in the query becomes "+".
  bool plus_in_query = false;
  // Where the client fails on a "%" without two hexadecimal digits.
  BarePercentRefused bare_percent_refused = BarePercentRefused::kNowhere;
  // With one of these characters, or a bare "%", the client encodes all of them, and every "%". The
  // query of such a Location gets a second "?". Empty: it does not.
  std::string_view quoted = {};
  // Of a reference without a scheme only path and query count, at the root: "//b.test/x" is this
  // host's /x.
  bool path_without_scheme = false;
  // Fails on a reference without a scheme if the request's URL has something that it refuses.
  bool refuses_base = false;
  // The field to read without a Location.
  std::string_view fallback_field = {};
  // How the next URL is written; nullptr: as the URL Standard does.
  const Spelling* spelling = nullptr;
  Colon colon = Colon::kPath;
  // Characters on which the client fails before the query and in the fragment, where it fails on a
  // bare "%", too.
  std::string_view refused_outside_query = {};
  // A fragment alone is a reference without a path, too: `pathless` stands before it.
  bool fragment_is_pathless = false;
  // "%40" in an authority is an "@" that ends its userinfo; with refuses_second_at, if it has no
  // other "@".
  bool escaped_at_counts = false;
  // Userinfo ends at the first "@", and the host begins behind the last "@" or "%40". Host has what
  // is between them, and the name that decides about credentials what stands before a "%40".
  bool first_at_ends_userinfo = false;
  BadPort bad_port = BadPort::kInvalid;
  // "[b.test]" is b.test: brackets need no IPv6 address.
  bool unwraps_brackets = false;
  // NUL at the end of a value is white space.
  bool trims_last_nul = false;
  // Characters of a fragment on which the client fails.
  std::string_view refused_in_fragment = {};
  EmptyNetwork empty_network = EmptyNetwork::kByPathless;
  NoHost no_host = NoHost::kInvalid;
  // Fails on "http://a%40b@c.test": its userinfo has an escaped "@".
  bool refuses_escaped_at = false;
  // "http://b test@c.test" is an error, even if invalid URLs are handed back: its userinfo has a
  // space.
  bool fails_on_space_in_userinfo = false;
  // Characters at an end of the value on which the client fails; also of joined values.
  std::string_view refused_at_ends = {};
  // Characters on which the client fails in an absolute reference without an authority.
  std::string_view refused_without_authority = {};
  // Characters that `quoted` has in a path, too.
  std::string_view quoted_in_path = {};
  // Looks at the scheme before it looks at the rest: an invalid URL of the other one is not
  // followed, either, but is no error.
  bool scheme_first = false;
  WrittenInHost written_in_host = 0;
  Zones zones = 0;
  // Host has the zone.
  bool zone_in_host = false;
  BracketTail bracket_tail = BracketTail::kInvalid;
};

}  // namespace fingerpost::follow

// The rules of a cookie jar, as data: how it reads Set-Cookie, which cookies it takes and sends,
// and what becomes of a Cookie field that the caller has set.
#pragma once

#include <cstdint>
#include <string_view>

namespace fingerpost::follow {

// A Set-Cookie without "=": its text is a value without a name; it is a name without a value; or it
// is refused.
enum class WithoutEquals { kValue, kName, kRefused };

// Quotes around a value: kept; kept, and the value is what is inside; kept, without each \" inside;
// kept, and the second one ends the value, without which the cookie is refused; kept, and a value
// that begins with one must end with one; or removed, and there are none inside, or there may be.
// kRead: removed wherever they are, with backslashes inside; a separator inside of them is none.
// Such a client keeps white space before a value. kStrippedEach: each is removed alone, and behind
// the first one neither another nor a backslash is inside.
enum class Quotes {
  kKept,
  kKeptAround,
  kKeptUnescaped,
  kKeptToSecond,
  kKeptIfBoth,
  kStripped,
  kStrippedAround,
  kRead,
  kStrippedEach
};

// What is escaped inside of quotes that a jar adds: nothing; a backslash; that and a quote, even in
// a value that begins with one; or every character that Python does not call legal, as \" or \054:
// such a jar puts quotes around an empty value, too.
enum class Escapes { kNothing, kBackslashes, kQuotes, kAsPython };

// The treatment of a Domain that is empty, or only a dot: as none; a dot is refused; the empty one
// is; both are, also without "=", or only with it; or only one without "=" is.
enum class EmptyDomain {
  kNone,
  kDotRefused,
  kEmptyRefused,
  kRefused,
  kWrittenRefused,
  kBareRefused
};

// The dots around a Domain: the first is removed; the same, but one at the end means none, or also
// a second one at the beginning; all are removed; or all at the beginning are. kOneAtEachEnd: the
// first and the last, and a second one at the beginning makes it the host's own name.
// kLastMeansHost: all at the beginning, and one at the end means the host with its subdomains.
// kFirstRefused: the first is an error, and one at the end means none.
enum class DomainDots {
  kFirst,
  kLastMeansNone,
  kOddMeanNone,
  kAll,
  kAllFirst,
  kOneAtEachEnd,
  kLastMeansHost,
  kFirstRefused
};

// Whether "xa.test" counts as a host of the domain "a.test": never, for a cookie without Domain, or
// for every one.
enum class SuffixHosts { kNever, kWithoutDomain, kAlways };

// The path of a cookie without a Path that begins with "/": the request's directory, without its
// last slash or with it; the request's whole path; or "/", unless there is such a Path.
enum class DefaultPath { kDirectory, kDirectoryWithSlash, kWhole, kRoot };

// The treatment of a Path that is not empty and does not begin with "/": as none, as "/", or as an
// error.
enum class RelativePath { kDefault, kRoot, kRefused };

// Forms of Max-Age that are numbers besides "60" and "-60".
using AgeForms = uint8_t;
inline constexpr AgeForms kPlusAge = 1 << 0;     // "+60"
inline constexpr AgeForms kQuotedAge = 1 << 1;   // "\"60\""
inline constexpr AgeForms kDecimalAge = 1 << 2;  // "60.5"
inline constexpr AgeForms kHugeIsPast = 1 << 3;  // A number that overflows has expired.
inline constexpr AgeForms kPastIsNone = 1 << 4;  // 0, and less, is no number.
// A number below 0 is none, and so is an empty one.
inline constexpr AgeForms kNegativeIsNone = 1 << 5;

// The treatment of a Max-Age that is not a number: ignored; the cookie is refused; or it has
// expired, unless it is empty.
enum class BadAge { kIgnored, kRefuses, kExpires };

// Forms of Expires that RFC 6265bis reads, and a client does not.
using DateForms = uint16_t;
inline constexpr DateForms kAsctime = 1 << 0;    // "Wed Jun  9 10:18:14 2010"
inline constexpr DateForms kNoWeekday = 1 << 1;  // "09 Jun 2010 10:18:14 GMT"
inline constexpr DateForms kNoZone = 1 << 2;     // "Wed, 09 Jun 2010 10:18:14"
inline constexpr DateForms kLowerCase = 1 << 3;  // "wed, 09 jun 2010 10:18:14 gmt"
inline constexpr DateForms kShortYear = 1 << 4;  // "Wednesday, 09-Jun-10 10:18:14 GMT"
inline constexpr DateForms kTheEpoch = 1 << 5;   // 0 seconds since 1970.
inline constexpr DateForms kNoDashes = 1 << 8;   // "Wed, 09 Jun 2010 10:18:14 GMT"

// Forms of Expires that RFC 6265bis does not read, and a client does.
inline constexpr DateForms kIsoDate = 1 << 6;  // "2010-06-09T10:18:14Z"
inline constexpr DateForms kNumber = 1 << 7;   // Seconds since 1970.

// What happens to the place of a cookie that is set again.
enum class Replaced { kKeepsPlace, kIsNewest, kIsNewestIfChanged, kIsNewestWithValue };

// The order of cookies in the field. kLongestPath: those of one length by their place in the jar.
// kLongestPathGrouped: the same, but a jar that is kept by domain and by path has the cookies of
// one domain together, and those of one path. kGreatestPath: by the octets of the path, the
// greatest first. kMostSpecific: by the lengths of path, domain and name, then the newest first.
// kDomainFirst: by the lengths of domain and path, then by name and value, each pair once.
// kHostFirst: those without Domain before others, then by the lengths of domain and path. kByName:
// one cookie of each name, that with the longest domain, then path. kByNameThenPath: by name, then
// the longest path, then the oldest. kStoredGrouped: as a jar has them that is kept by domain and
// by path.
enum class CookieOrder {
  kLongestPath,
  kLongestPathGrouped,
  kGreatestPath,
  kMostSpecific,
  kDomainFirst,
  kHostFirst,
  kStored,
  kByName,
  kSortedByName,  // Then by domain and by path.
  kByNameThenPath,
  kStoredGrouped
};

// The treatment of cookies that the caller has set by hand, beside the jar's.
enum class HandSet {
  kJarWins,     // One field, in which the jar's and those that a response touched win by name.
  kBefore,      // One field, the jar's after them.
  kAfter,       // One field, the jar's before them.
  kUntouched,   // kBefore, without those that a response touched.
  kSorted,      // One field, in which the jar's win by name, sorted by name.
  kWins,        // The jar's are not sent.
  kReplaced,    // They are not sent as long as the jar has any.
  kBeside,      // A second field, after the jar's.
  kFieldFirst,  // A second field, before the jar's.
  kInPlace,     // One field: the jar's take the places of those with their names, others follow.
  kStored,      // Put into the jar, as the first URL's own.
  kDropped,     // They are not sent any more once the jar has any.
};

// Which cookies are of RFC 2109 or RFC 2965: none; one whose Set-Cookie has "version=" or "max-age"
// anywhere, and no "expires="; one with Version and without Expires, and each of them has a field
// of its own, unless one without is among them; or one with Version. kRefused: none, and a Version
// that is no number, or more than 1, is an error.
enum class OldCookies { kNone, kGuessed, kOwnFields, kAttribute, kRefused };

// The default is a browser's jar: RFC 6265bis.
struct JarRule {
  WithoutEquals without_equals = WithoutEquals::kValue;
  // Refuses an empty name before "=".
  bool named = false;
  // A cookie without a name is sent with its "=", and so is one without a name and a value.
  bool keeps_equals = false;
  // Refuses a name that begins with "$".
  bool no_dollar = false;
  // Cookies whose names differ in case are one.
  bool names_ignore_case = false;
  // A comma begins another cookie, but not in Expires.
  bool splits_at_commas = false;
  // The same, if a name and "=" follow.
  bool splits_before_names = false;
  // Takes every part between "; " for a cookie, for good, except those with an attribute's name.
  bool parts_are_cookies = false;
  // Refuses a name that is not a token.
  bool token_names = false;
  // Characters of a name on which the cookie is refused.
  std::string_view refused_in_name = {};
  Quotes quotes = Quotes::kKept;
  // Characters of a value on which the cookie is refused.
  std::string_view refused_in_value = {};
  // A value ends at a tab.
  bool ends_at_tab = false;
  // Invalid UTF-8 in a value becomes U+FFFD.
  bool replaces_invalid_utf8 = false;
  // White space inside of a value becomes one space.
  bool joins_spaces = false;
  // Characters of a value that put quotes around it, and what is escaped inside of them.
  std::string_view quoted_with = {};
  Escapes escapes = Escapes::kNothing;
  // An empty value deletes the cookie.
  bool empty_value_deletes = false;
  // Of several attributes with one name, the first counts, not the last.
  bool first_attribute = false;
  // The last Max-Age or Expires counts even if it is unreadable: the cookie has none then.
  bool last_attribute_counts = false;
  // Characters of an attribute's value for which it is ignored.
  std::string_view ignored_with = {};
  // An attribute's name with a space behind it is none.
  bool exact_attribute_names = false;
  // Quotes around an attribute's value are removed.
  bool unquotes_attributes = false;
  // Refuses Path= and Expires= without a value.
  bool refuses_empty_attributes = false;
  // Secure=1 is not Secure.
  bool secure_has_no_value = false;
  // Refuses Secure=1.
  bool refuses_secure_value = false;
  // Without it, Max-Age is unknown; so are Secure, and Path: each cookie is for every path.
  bool reads_max_age = true;
  bool reads_secure = true;
  bool reads_path = true;
  AgeForms ages = 0;
  BadAge bad_age = BadAge::kIgnored;
  DateForms unread_dates = 0;
  DateForms more_dates = 0;
  // Refuses an Expires that is not a date.
  bool refuses_bad_date = false;
  // Of Expires and Max-Age the first counts, not Max-Age.
  bool first_expiry = false;
  // A past Expires deletes, whatever Max-Age says.
  bool past_date_wins = false;
  // Most cookies that are taken of one response; 0: all.
  int per_response = 0;
  int per_domain = 180;  // Most cookies of a domain: the browsers' limit.

  // Refuses a Domain that is a public suffix, unless it is the host.
  bool public_suffixes = true;
  // Refuses a Domain without a dot inside, unless it is the host.
  bool inner_dot = false;
  // A Domain without a dot at its beginning must be the host.
  bool parent_needs_dot = false;
  // Each of several Domains must be the host or a parent of it.
  bool checks_every_domain = false;
  EmptyDomain empty_domain = EmptyDomain::kNone;
  // Capitals make another domain.
  bool domain_case_matters = false;
  DomainDots domain_dots = DomainDots::kFirst;
  // A Domain may have a port, which is ignored.
  bool domain_may_have_port = false;
  // Characters for which a Domain is none.
  std::string_view ignored_in_domain = {};
  SuffixHosts suffix_hosts = SuffixHosts::kNever;
  // Sends every cookie everywhere, whatever its domain, its path and Secure say.
  bool sent_everywhere = false;
  // Sends a cookie without Domain to subdomains, too.
  bool host_only_reaches_subdomains = false;
  // A Domain that is the host is none.
  bool own_domain_is_none = false;
  // Takes no cookie of a host that is a public suffix.
  bool suffix_has_none = false;

  DefaultPath default_path = DefaultPath::kDirectory;
  RelativePath relative_path = RelativePath::kDefault;
  // An empty Path is "/".
  bool empty_path_is_root = false;
  // "/dir/" is a path of "/dir".
  bool last_slash_is_optional = false;
  // "/dir" is a path of "/directory".
  bool path_is_prefix = false;
  // Refuses a cookie whose path is not the request's.
  bool path_must_match = false;
  // Looks at the request's directory: "/dir" is no path of "/dir", and neither is "/dir/" of
  // "/dir/file".
  bool path_of_directory = false;

  // http to the device itself counts as https.
  bool loopback_is_secure = false;
  // Takes Secure over http.
  bool secure_over_http = false;
  // Over http, a Secure cookie is not replaced or shadowed.
  bool secure_stays = true;
  // Keeps the promises of the prefixes __Secure- and __Host-.
  bool prefixes = true;
  // Refuses even a "__Host-" that keeps its promise.
  bool no_host_prefix = false;
  // They promise https, too, even if Secure is taken over http.
  bool prefixes_need_https = false;
  // "__Http-" and "__Host-Http-" promise that the cookie is Secure and HttpOnly.
  bool http_prefixes = false;
  // Partitioned is for Secure cookies only.
  bool partitioned_is_secure = false;

  CookieOrder order = CookieOrder::kLongestPath;
  // One with Domain is another cookie than one without.
  bool host_only_is_another = true;
  Replaced replaced = Replaced::kKeepsPlace;
  // A name is one cookie, whatever its domain.
  bool one_of_each_name = false;
  // Keeps an expired cookie, so that it has its place again when it is set anew.
  bool keeps_expired = false;

  // Names and values may have semicolons.
  [[nodiscard]] constexpr bool takes_semicolons() const {
    return parts_are_cookies || quotes == Quotes::kRead;
  }

  OldCookies old_cookies = OldCookies::kNone;
  HandSet hand_set = HandSet::kJarWins;
  // A hand-set Cookie that the jar has displaced comes back when the jar has none.
  [[nodiscard]] constexpr bool remembers() const {
    return hand_set == HandSet::kReplaced || hand_set == HandSet::kSorted;
  }
};

inline constexpr JarRule kBrowserJar = {};

}  // namespace fingerpost::follow

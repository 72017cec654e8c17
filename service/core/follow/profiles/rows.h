// The rows of the client profiles, by the language of the client, and their common parts.
#pragma once

#include "core/follow/profiles/jars.h"
#include "core/follow/profiles/profile.h"

namespace fingerpost::follow {

[[nodiscard]] std::span<const Profile> BrowserProfiles();  // STRICT, Fetch, browsers.
[[nodiscard]] std::span<const Profile> ShellProfiles();    // curl, wget, wget2.
[[nodiscard]] std::span<const Profile> PythonProfiles();
[[nodiscard]] std::span<const Profile> JavaScriptProfiles();  // Node.js.
// fetch() of packages and of other runtimes.
[[nodiscard]] std::span<const Profile> JavaScriptFetchProfiles();
[[nodiscard]] std::span<const Profile> JavaProfiles();
[[nodiscard]] std::span<const Profile> ScriptingProfiles();  // Perl, Ruby, PHP.
[[nodiscard]] std::span<const Profile> OtherProfiles();      // Go, Rust, Ruby, PHP, .NET.

// --- The effect of one status ---

inline constexpr StatusRule kNotFollowed = {};
inline constexpr StatusRule kKept = {.followed = kEveryMethod};

// `methods` become GET, and lose their content and the fields that describe it.
[[nodiscard]] constexpr StatusRule ToGet(Methods methods) {
  return {
      .followed = kEveryMethod, .to_get = methods, .drop_body = methods, .drop_content = methods};
}
// The same, and every method loses its content.
[[nodiscard]] constexpr StatusRule ToGetWithoutBody(Methods methods) {
  return {.followed = kEveryMethod,
          .to_get = methods,
          .drop_body = kEveryMethod,
          .drop_content = kEveryMethod};
}

// --- The effect of every status. An index is the last digit of the status; [9] is every other 3xx.
// ---

struct StatusRow {
  StatusRule choices = kNotFollowed;                   // 300
  StatusRule moved = ToGet(kPost);                     // 301
  StatusRule found = ToGet(kPost);                     // 302
  StatusRule see_other = ToGet(AllBut(kGet | kHead));  // 303
  StatusRule kept = kKept;                             // 307, 308
  StatusRule others = kNotFollowed;                    // 304, 305, 306, 309 to 399
};
[[nodiscard]] constexpr StatusRules Statuses(const StatusRow& row) {
  return {row.choices, row.moved,  row.found, row.see_other, row.others,
          row.others,  row.others, row.kept,  row.kept,      row.others};
}

// --- Field names that several clients drop together ---

inline constexpr std::string_view kAuthorization[] = {"Authorization"};
inline constexpr std::string_view kCookie[] = {"Cookie"};
inline constexpr std::string_view kHost[] = {"Host"};
inline constexpr std::string_view kEveryField[] = {"*"};
inline constexpr std::string_view kEveryContentField[] = {"Content-*"};
inline constexpr std::string_view kAuthorizationAndCookie[] = {"Authorization", "Cookie"};
inline constexpr std::string_view kUsualCredentials[] = {"Authorization", "Cookie",
                                                         "Proxy-Authorization"};

// --- Characters of Location ---

// Control characters, except those that are white space at its ends.
inline constexpr std::string_view kControls{
    "\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
    "\x1A\x1B\x1C\x1D\x1E\x1F\x7F",
    33};
inline constexpr std::string_view kSpaceAndControls{
    " \0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18"
    "\x19\x1A\x1B\x1C\x1D\x1E\x1F\x7F",
    34};
// Those that llhttp, hyper and libcurl's headers refuse in a field: all but the tab.
inline constexpr std::string_view kControlsButTab{
    "\0\x01\x02\x03\x04\x05\x06\x07\x08\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
    "\x1A\x1B\x1C\x1D\x1E\x1F\x7F",
    32};
inline constexpr std::string_view kNul{"\0", 1};
// Those that Java's String.trim removes.
inline constexpr std::string_view kTrimmedByJava{
    "\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
    "\x1A\x1B\x1C\x1D\x1E\x1F",
    32};
// CR and LF end a field; everything else is read.
inline constexpr std::string_view kLineBreaks = "\r\n";
// The most octets of fields that Node.js reads: --max-http-header-size's default.
inline constexpr uint32_t kNodeFields = 16 * 1024;
// A host with one of these does not resolve: no IDNA, and no percent-decoding.
inline constexpr std::string_view kOctets = "\x80";
inline constexpr std::string_view kOctetsAndPercent = "\x80%";
inline constexpr std::string_view kPercent = "%";
// libcurl escapes nothing but the space, and writes the digits of escapes in capitals.
inline constexpr Spelling kCurlSpelling = {.path = {.encoded = " ", .upper_escapes = true},
                                           .query = {.encoded = " ", .upper_escapes = true}};
// Where url.parse() of Node.js ends a host of the URL Standard's.
inline constexpr std::string_view kLegacyHostEnds = "\"';`{}";
// What it escapes besides the URL Standard.
inline constexpr Spelling kLegacySpelling = {
    .path = {.encoded = kUrlStandardPath | Characters("'|")},
    .query = {.encoded = kUrlStandardQuery | Characters("\\^`{|}")}};

}  // namespace fingerpost::follow

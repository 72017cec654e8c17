// The Set-Cookie field's syntax (RFC 6265bis §5.6), which refuses little.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "core/follow/profiles/jar_rule.h"
#include "core/message/result.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

inline constexpr size_t kMaxCookie = 4096;  // RFC 6265bis §5.6: name and value together.
inline constexpr size_t kMaxCookieAttribute =
    1024;  // RFC 6265bis §5.6: a longer attribute is ignored.
inline constexpr int64_t kMaxCookieAge = int64_t{400} * 24 * 3600;  // RFC 6265bis §5.5: 400 days.

// Cookies or parts of one field, which hardly ever has two cookies.
using SetCookies = absl::InlinedVector<std::string_view, 2>;

// The content of one Set-Cookie, before it is checked.
struct SetCookie {
  std::string_view name;
  std::string value;
  std::optional<std::string_view> domain;          // As written.
  std::optional<std::string_view> earlier_domain;  // Of several, one before the last.
  std::optional<std::string_view> path;            // As written.
  std::optional<int64_t>
      expires;  // Seconds since 1970, Max-Age before Expires. Absent: a session cookie.
  bool secure = false;
  bool http_only = false;
  bool partitioned = false;
  v1::SameSite same_site = v1::SAME_SITE_UNSPECIFIED;
  bool has_expires = false;
  bool has_version = false;
  std::optional<std::string_view> version;  // As written; absent without "=".
  std::string sent_version;                 // Empty: a cookie of today.
};

// The error says why it is refused. `now` is in seconds since 1970; 0: unknown, then a positive
// Max-Age is no expiry.
[[nodiscard]] message::Result<SetCookie, std::string_view> ParseSetCookie(std::string_view text,
                                                                          int64_t now,
                                                                          const JarRule& rule);

// Without the quotes around it.
[[nodiscard]] std::string_view WithoutQuotes(std::string_view text);

// The parts of a field between "; ", without those that have the name of an attribute.
[[nodiscard]] SetCookies PartsOf(std::string_view text);

// Where the first part ends: at one of `ends`, outside of quotes if the client reads those.
[[nodiscard]] size_t EndOfPart(std::string_view text, std::string_view ends, const JarRule& rule);

// The cookies of one field.
[[nodiscard]] SetCookies SplitSetCookie(std::string_view text, const JarRule& rule);

// A cookie's value as the client sends it.
[[nodiscard]] std::string WrittenValue(std::string_view value, const JarRule& rule);

}  // namespace fingerpost::follow

#include "core/follow/set_cookie.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "core/http/date.h"
#include "core/http/fields.h"
#include "core/message/utf8.h"

namespace fingerpost::follow {
namespace {

struct Pair {
  std::string_view name;
  std::string_view value;
  bool has_equals;
};

Pair SplitPair(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {http::TrimWhitespace(text), {}, false};
  return {http::TrimWhitespace(text.substr(0, equals)),
          http::TrimWhitespace(text.substr(equals + 1)), true};
}

std::string_view TakeUntilSemicolon(std::string_view& text) {
  const size_t end = std::min(text.find(';'), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

// RFC 6265bis §5.6.2. nullopt: the attribute is ignored. The result is never later than 400 days
// from now.
std::optional<int64_t> ParseMaxAge(std::string_view value) {
  const bool negative = value.starts_with('-');
  const std::string_view digits = value.substr(negative ? 1 : 0);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      })) {
    return std::nullopt;
  }
  int64_t seconds = 0;
  for (const char c : digits) seconds = std::min(kMaxCookieAge, seconds * 10 + (c - '0'));
  return negative ? 0 : seconds;
}

v1::SameSite ParseSameSite(std::string_view value) {
  if (http::EqualsIgnoreCase(value, "None")) return v1::SAME_SITE_NONE;
  if (http::EqualsIgnoreCase(value, "Strict")) return v1::SAME_SITE_STRICT;
  if (http::EqualsIgnoreCase(value, "Lax")) return v1::SAME_SITE_LAX;
  return v1::SAME_SITE_UNSPECIFIED;
}

struct Expiry {
  std::optional<int64_t> max_age;
  std::optional<int64_t> expires;
};

// The last attribute of a name wins. An unreadable one is ignored.
void ReadAttribute(const Pair& attribute, SetCookie& cookie, Expiry& expiry) {
  const std::string_view name = attribute.name;
  const std::string_view value = attribute.value;
  if (value.size() > kMaxCookieAttribute) return;
  if (http::EqualsIgnoreCase(name, "Expires")) {
    if (const auto date = http::ParseDate(value)) expiry.expires = date;
  } else if (http::EqualsIgnoreCase(name, "Max-Age")) {
    if (const auto age = ParseMaxAge(value)) expiry.max_age = age;
  } else if (http::EqualsIgnoreCase(name, "Domain")) {
    cookie.domain = value;
  } else if (http::EqualsIgnoreCase(name, "Path")) {
    cookie.path = value;
  } else if (http::EqualsIgnoreCase(name, "Secure")) {
    cookie.secure = true;
  } else if (http::EqualsIgnoreCase(name, "HttpOnly")) {
    cookie.http_only = true;
  } else if (http::EqualsIgnoreCase(name, "SameSite")) {
    cookie.same_site = ParseSameSite(value);
  }
}

std::optional<int64_t> ExpiryTime(const Expiry& expiry, int64_t now) {
  if (expiry.max_age) {
    if (*expiry.max_age == 0) return std::numeric_limits<int64_t>::min();
    if (now == 0) return std::nullopt;
    return now + *expiry.max_age;
  }
  if (!expiry.expires || now == 0) return expiry.expires;
  return std::min(*expiry.expires, now + kMaxCookieAge);
}

}  // namespace

message::Result<SetCookie, std::string_view> ParseSetCookie(std::string_view text, int64_t now) {
  if (http::HasControl(text) && std::any_of(text.begin(), text.end(), [](char c) {
        return http::IsControl(c) && c != '\t';
      })) {
    return message::Unexpected("it has a control character");
  }
  const Pair pair = SplitPair(TakeUntilSemicolon(text));
  SetCookie cookie;
  cookie.name = pair.has_equals ? pair.name : std::string_view();
  cookie.value = pair.has_equals ? pair.value : pair.name;
  if (!message::IsUtf8(cookie.name) || !message::IsUtf8(text)) {
    return message::Unexpected("name or an attribute is not UTF-8");
  }
  if (cookie.name.empty() && cookie.value.empty()) {
    return message::Unexpected("it has neither name nor value");
  }
  if (cookie.name.size() + cookie.value.size() > kMaxCookie) {
    return message::Unexpected("name and value have more than 4096 octets");
  }
  Expiry expiry;
  while (!text.empty()) ReadAttribute(SplitPair(TakeUntilSemicolon(text)), cookie, expiry);
  cookie.expires = ExpiryTime(expiry, now);
  return cookie;
}

}  // namespace fingerpost::follow

#include "core/follow/set_cookie.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "core/follow/old_cookies.h"
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

Pair SplitPair(std::string_view text, const JarRule& rule) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {http::TrimWhitespace(text), {}, false};
  const std::string_view value = text.substr(equals + 1);
  return {http::TrimWhitespace(text.substr(0, equals)),
          rule.quotes == Quotes::kRead ? value : http::TrimWhitespace(value), true};
}

// A value as Quotes::kRead reads it.
std::string ReadQuotes(std::string_view text) {
  std::string read;
  bool quoted = false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') {
      quoted = !quoted;
      continue;
    }
    if (quoted && text[at] == '\\' && at + 1 < text.size()) ++at;
    read += text[at];
  }
  absl::StripTrailingAsciiWhitespace(&read);
  return read;
}

std::string_view TakeUntilSemicolon(std::string_view& text, const JarRule& rule) {
  const size_t end = EndOfPart(text, ";", rule);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

bool AreDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

// RFC 6265bis §5.6.2. nullopt: it is not a number. The result is never later than 400 days from
// now.
std::optional<int64_t> ParseMaxAge(std::string_view value, AgeForms forms) {
  if (forms & kQuotedAge) value = WithoutQuotes(value);
  const bool negative = value.starts_with('-');
  const bool plus = (forms & kPlusAge) && value.starts_with('+');
  std::string_view digits = value.substr(negative || plus ? 1 : 0);
  const size_t dot = digits.find('.');
  if ((forms & kDecimalAge) && dot != std::string_view::npos && AreDigits(digits.substr(dot + 1)))
    digits = digits.substr(0, dot);
  if (!AreDigits(digits) || (negative && (forms & kNegativeIsNone))) return std::nullopt;
  if ((forms & kHugeIsPast) && digits.size() > 18) return 0;
  int64_t seconds = 0;
  for (const char c : digits) seconds = std::min(kMaxCookieAge, seconds * 10 + (c - '0'));
  if ((forms & kPastIsNone) && (negative || seconds == 0)) return std::nullopt;
  return negative ? 0 : seconds;
}

// The forms that a date has.
DateForms FormsOf(std::string_view date, int64_t seconds) {
  DateForms forms = 0;
  const auto is_letter = [](char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); };
  const auto last_letter = std::find_if(date.rbegin(), date.rend(), is_letter);
  const bool ends_with_letter = last_letter == date.rbegin();
  if (!is_letter(date.front())) forms |= kNoWeekday;
  if (is_letter(date.front()) && date.find(',') == std::string_view::npos) forms |= kAsctime;
  if (!ends_with_letter && !(forms & kAsctime)) forms |= kNoZone;
  if (ends_with_letter && absl::ascii_islower(static_cast<unsigned char>(date.back())))
    forms |= kLowerCase;
  if (date.find("day,") != std::string_view::npos) forms |= kShortYear;
  if (seconds == 0) forms |= kTheEpoch;
  if (date.find('-') == std::string_view::npos) forms |= kNoDashes;
  return forms;
}

std::optional<int64_t> ParseExpires(std::string_view value, const JarRule& rule) {
  if ((rule.more_dates & kNumber) && AreDigits(value) && value.size() < 18) {
    int64_t seconds = 0;
    for (const char c : value) seconds = seconds * 10 + (c - '0');
    return seconds;
  }
  google::protobuf::Timestamp iso;
  if ((rule.more_dates & kIsoDate) &&
      google::protobuf::util::TimeUtil::FromString({value.data(), value.size()}, &iso)) {
    return iso.seconds();
  }
  const auto date = http::ParseDate(value);
  return date && rule.unread_dates != 0 && (FormsOf(value, *date) & rule.unread_dates) != 0
             ? std::nullopt
             : date;
}

v1::SameSite ParseSameSite(std::string_view value) {
  if (http::EqualsIgnoreCase(value, "None")) return v1::SAME_SITE_NONE;
  if (http::EqualsIgnoreCase(value, "Strict")) return v1::SAME_SITE_STRICT;
  if (http::EqualsIgnoreCase(value, "Lax")) return v1::SAME_SITE_LAX;
  return v1::SAME_SITE_UNSPECIFIED;
}

std::string ReplaceInvalidUtf8(std::string_view text) {
  std::string repaired;
  while (!text.empty()) {
    const size_t length = message::Utf8Length(text);
    repaired += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    text.remove_prefix(std::max<size_t>(1, length));
  }
  return repaired;
}

std::string JoinSpaces(std::string_view text) {
  std::string joined;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t';
    if (!space || !joined.ends_with(' ')) joined += space ? ' ' : c;
  }
  return joined;
}

struct Expiry {
  std::optional<int64_t> max_age;
  std::optional<int64_t> expires;
  bool bad_age = false;
  bool refused = false;  // For the value of an attribute, or for none.
};

// The last attribute of a name wins, or the first. An unreadable one is ignored.
void ReadAttribute(const Pair& attribute, const JarRule& rule, SetCookie& cookie, Expiry& expiry) {
  const std::string_view name = attribute.name;
  const std::string_view value =
      rule.unquotes_attributes ? WithoutQuotes(attribute.value) : attribute.value;
  if (value.size() > kMaxCookieAttribute ||
      value.find_first_of(rule.ignored_with) != std::string_view::npos)
    return;
  if (value.empty() && rule.refuses_empty_attributes &&
      (http::EqualsIgnoreCase(name, "Path") || http::EqualsIgnoreCase(name, "Expires")))
    expiry.refused = true;
  const auto is_new = [&rule](const auto& known) { return !rule.first_attribute || !known; };
  if (http::EqualsIgnoreCase(name, "Version")) {
    cookie.has_version = true;
    if (attribute.has_equals && is_new(cookie.version)) cookie.version = attribute.value;
  } else if (http::EqualsIgnoreCase(name, "Expires")) {
    cookie.has_expires = true;
    const auto date = ParseExpires(value, rule);
    if (!date && rule.refuses_bad_date) expiry.refused = true;
    if ((date || rule.last_attribute_counts) && is_new(expiry.expires) &&
        !(rule.first_expiry && expiry.max_age))
      expiry.expires = date;
  } else if (http::EqualsIgnoreCase(name, "Max-Age")) {
    if (!rule.reads_max_age) return;
    const auto age = ParseMaxAge(value, rule.ages);
    const bool is_none = (rule.ages & kNegativeIsNone) != 0 &&
                         (value.empty() || (value.front() == '-' && AreDigits(value.substr(1))));
    if (!age && !is_none) expiry.bad_age = !value.empty() || rule.bad_age == BadAge::kRefuses;
    if ((age || rule.last_attribute_counts) && is_new(expiry.max_age) &&
        !(rule.first_expiry && expiry.expires))
      expiry.max_age = age;
  } else if (http::EqualsIgnoreCase(name, "Domain")) {
    if (!attribute.has_equals && rule.empty_domain == EmptyDomain::kWrittenRefused) return;
    if (!attribute.has_equals && rule.empty_domain == EmptyDomain::kBareRefused)
      expiry.refused = true;
    if (cookie.domain) cookie.earlier_domain = cookie.domain;
    if (is_new(cookie.domain)) cookie.domain = value;
  } else if (http::EqualsIgnoreCase(name, "Path")) {
    if (is_new(cookie.path)) cookie.path = value;
  } else if (http::EqualsIgnoreCase(name, "Secure")) {
    cookie.secure =
        rule.reads_secure && (cookie.secure || value.empty() || !rule.secure_has_no_value);
    if (!value.empty() && rule.refuses_secure_value) expiry.refused = true;
  } else if (http::EqualsIgnoreCase(name, "HttpOnly")) {
    cookie.http_only = true;
  } else if (http::EqualsIgnoreCase(name, "Partitioned")) {
    cookie.partitioned = true;
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

// The first pair, as the jar reads it. The error says why it is refused.
message::Result<Pair, std::string_view> ReadPair(std::string_view text, const JarRule& rule) {
  Pair pair = SplitPair(text, rule);
  if (!pair.has_equals) {
    if (rule.without_equals == WithoutEquals::kRefused)
      return message::Unexpected("it has no \"=\"");
    if (rule.without_equals == WithoutEquals::kValue) std::swap(pair.name, pair.value);
  }
  std::string_view& value = pair.value;
  if (rule.ends_at_tab) value = value.substr(0, value.find('\t'));
  const std::string_view inside = WithoutQuotes(value);
  if (rule.quotes == Quotes::kKeptToSecond && value.starts_with('"')) {
    const size_t second = value.find('"', 1);
    if (second == std::string_view::npos) return message::Unexpected("its quote does not end");
    value = value.substr(0, second + 1);
  }
  if (rule.quotes == Quotes::kStripped) {
    if (inside.size() == value.size() && value.find('"') != std::string_view::npos)
      return message::Unexpected("its value has a quote");
    value = inside;
  }
  if (rule.quotes == Quotes::kKeptIfBoth && value.starts_with('"') && inside.size() == value.size())
    return message::Unexpected("its quote does not end");
  if (rule.quotes == Quotes::kStrippedAround) value = inside;
  if (rule.quotes == Quotes::kStrippedEach && value.starts_with('"')) {
    value.remove_prefix(1);
    if (value.ends_with('"')) value.remove_suffix(1);
    if (value.find_first_of("\"\\") != std::string_view::npos)
      return message::Unexpected("its quoted value has a quote or a backslash");
  }
  if ((rule.named || rule.token_names) && pair.name.empty() && pair.has_equals)
    return message::Unexpected("it has no name");
  if (rule.no_dollar && pair.name.starts_with('$'))
    return message::Unexpected("its name begins with \"$\"");
  if (rule.token_names && !http::IsToken(pair.name))
    return message::Unexpected("its name is not a token");
  if (pair.name.find_first_of(rule.refused_in_name) != std::string_view::npos)
    return message::Unexpected("its name has a character that the client refuses");
  const std::string_view read = rule.quotes == Quotes::kKeptAround ? inside : value;
  if (read.find_first_of(rule.refused_in_value) != std::string_view::npos)
    return message::Unexpected("its value has a character that the client refuses");
  return pair;
}

// A part of JarRule::parts_are_cookies, as it is. Without a name, "=" belongs to the value. The
// text has no attributes then.
message::Result<Pair, std::string_view> ReadPart(std::string_view& text) {
  const size_t equals = text.find('=');
  Pair pair = {text.substr(0, equals), {}, equals != std::string_view::npos};
  if (pair.has_equals) pair.value = text.substr(equals == 0 ? 0 : equals + 1);
  text = {};
  return pair;
}

}  // namespace

std::string_view WithoutQuotes(std::string_view text) {
  const bool quoted = text.size() > 1 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

size_t EndOfPart(std::string_view text, std::string_view ends, const JarRule& rule) {
  if (rule.quotes != Quotes::kRead) return std::min(text.find_first_of(ends), text.size());
  bool quoted = false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && ends.find(text[at]) != std::string_view::npos) {
      return at;
    }
  }
  return text.size();
}

SetCookies PartsOf(std::string_view text) {
  constexpr std::array<std::string_view, 6> kAttributes = {"path",   "expires",  "domain",
                                                           "secure", "httponly", "samesite"};
  SetCookies parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find("; "), text.size());
    const std::string_view part = text.substr(0, end);
    const std::string_view name = part.substr(0, part.find('='));
    if (!part.empty() && std::none_of(kAttributes.begin(), kAttributes.end(), [name](auto known) {
          return http::EqualsIgnoreCase(name, known);
        })) {
      parts.push_back(part);
    }
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return parts;
}

message::Result<SetCookie, std::string_view> ParseSetCookie(std::string_view text, int64_t now,
                                                            const JarRule& rule) {
  const std::string_view whole = text;
  if (http::HasControl(text) && std::any_of(text.begin(), text.end(), [](char c) {
        return http::IsControl(c) && c != '\t';
      })) {
    return message::Unexpected("it has a control character");
  }
  const auto pair =
      rule.parts_are_cookies ? ReadPart(text) : ReadPair(TakeUntilSemicolon(text, rule), rule);
  if (!pair) return message::Unexpected(pair.error());
  SetCookie cookie;
  cookie.name = pair->name;
  cookie.value = rule.quotes == Quotes::kRead ? ReadQuotes(pair->value)
                 : rule.joins_spaces          ? JoinSpaces(pair->value)
                                              : std::string(pair->value);
  if (!message::IsUtf8(cookie.name) || !message::IsUtf8(text)) {
    return message::Unexpected("name or an attribute is not UTF-8");
  }
  // An empty value is the whole of what such a client sends of it: "=".
  if (rule.keeps_equals && cookie.name.empty()) cookie.value.insert(0, 1, '=');
  if (cookie.name.empty() && cookie.value.empty()) {
    return message::Unexpected("it has neither name nor value");
  }
  if (cookie.name.size() + cookie.value.size() > kMaxCookie) {
    return message::Unexpected("name and value have more than 4096 octets");
  }
  if (rule.replaces_invalid_utf8 && !message::IsUtf8(cookie.value))
    cookie.value = ReplaceInvalidUtf8(cookie.value);
  Expiry expiry;
  while (!text.empty()) {
    const std::string_view part = TakeUntilSemicolon(text, rule);
    if (rule.exact_attribute_names && part.find(" =") < part.find('=')) continue;
    ReadAttribute(SplitPair(part, rule), rule, cookie, expiry);
  }
  if (expiry.refused) return message::Unexpected("an attribute has a bad value");
  if (expiry.bad_age && rule.bad_age == BadAge::kRefuses)
    return message::Unexpected("its Max-Age is not a number");
  if (expiry.bad_age && rule.bad_age == BadAge::kExpires) expiry.max_age = 0;
  if (rule.past_date_wins && expiry.expires && *expiry.expires < now) expiry.max_age.reset();
  cookie.expires = ExpiryTime(expiry, now);
  if (rule.old_cookies != OldCookies::kNone) {
    auto version = VersionOf(whole, cookie, rule);
    if (!version) return message::Unexpected(version.error());
    if (!version->empty() && rule.old_cookies == OldCookies::kOwnFields)
      cookie.value = WithoutQuotes(cookie.value);
    cookie.sent_version = std::move(*version);
  }
  return cookie;
}

namespace {

SetCookies SplitBeforeNames(std::string_view text, const JarRule& rule) {
  SetCookies cookies;
  size_t from = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    at += EndOfPart(text.substr(at), ",", rule);
    const size_t end = text.find_first_of(",;\\\"=", at + 1);
    if (end == std::string_view::npos || text[end] != '=') continue;
    cookies.push_back(text.substr(from, at - from));
    from = at + 1;
  }
  cookies.push_back(text.substr(from));
  return cookies;
}

}  // namespace

SetCookies SplitSetCookie(std::string_view text, const JarRule& rule) {
  if (rule.parts_are_cookies) return PartsOf(http::TrimWhitespace(text));
  if (rule.splits_before_names) return SplitBeforeNames(text, rule);
  SetCookies cookies;
  size_t from = 0;
  for (size_t at = 0; rule.splits_at_commas && at < text.size(); ++at) {
    if (text[at] != ',') continue;
    const std::string_view before = text.substr(from, at - from);
    const size_t attribute = before.rfind(';');
    if (attribute != std::string_view::npos &&
        http::StartsWithIgnoreCase(http::TrimWhitespace(before.substr(attribute + 1)), "Expires="))
      continue;
    cookies.push_back(before);
    from = at + 1;
  }
  cookies.push_back(text.substr(from));
  return cookies;
}

}  // namespace fingerpost::follow

#include "core/http/date.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "absl/strings/ascii.h"
#include "core/http/fields.h"

namespace fingerpost::http {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// delimiter of the grammar: everything printable except letters, digits and the colon; of the
// control characters only HTAB.
bool IsDelimiter(char c) {
  const auto octet = static_cast<uint8_t>(c);
  return octet == 0x09 || (octet >= 0x20 && octet <= 0x2F) || (octet >= 0x3B && octet <= 0x40) ||
         (octet >= 0x5B && octet <= 0x60) || (octet >= 0x7B && octet <= 0x7E);
}

// Reads and removes `min` to `max` digits, unless another digit follows.
std::optional<int> TakeNumber(std::string_view& text, size_t min, size_t max) {
  size_t digits = 0;
  int number = 0;
  while (digits < text.size() && IsDigit(text[digits])) {
    if (digits == max) return std::nullopt;
    number = number * 10 + (text[digits++] - '0');
  }
  if (digits < min) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

struct Parts {
  std::optional<std::array<int, 3>> time;
  std::optional<int> day, month, year;
};

// "08:49:37", not followed by a digit.
std::optional<std::array<int, 3>> TimeOf(std::string_view token) {
  std::array<int, 3> time{};
  for (size_t i = 0; i < time.size(); ++i) {
    if (i > 0) {
      if (!token.starts_with(':')) return std::nullopt;
      token.remove_prefix(1);
    }
    const auto number = TakeNumber(token, 1, 2);
    if (!number) return std::nullopt;
    time[i] = *number;
  }
  return time;
}

std::optional<int> MonthOf(std::string_view token) {
  const auto* found = std::find_if(kMonths.begin(), kMonths.end(), [token](std::string_view month) {
    return StartsWithIgnoreCase(token, month);
  });
  if (found == kMonths.end()) return std::nullopt;
  return static_cast<int>(found - kMonths.begin()) + 1;
}

// Each token is the first of these that it matches and that is still missing.
void Assign(std::string_view token, Parts& parts) {
  if (!parts.time && (parts.time = TimeOf(token))) return;
  std::string_view rest = token;
  if (!parts.day && (parts.day = TakeNumber(rest, 1, 2))) return;
  if (!parts.month && (parts.month = MonthOf(token))) return;
  rest = token;
  if (!parts.year) parts.year = TakeNumber(rest, 2, 4);
}

}  // namespace

std::optional<int64_t> ParseDate(std::string_view text) {
  Parts parts;
  while (!text.empty()) {
    const auto* begin = std::find_if_not(text.begin(), text.end(), IsDelimiter);
    const auto* end = std::find_if(begin, text.end(), IsDelimiter);
    if (begin != end) Assign({begin, static_cast<size_t>(end - begin)}, parts);
    text.remove_prefix(static_cast<size_t>(end - text.begin()));
  }
  if (!parts.time || !parts.day || !parts.month || !parts.year) return std::nullopt;
  int year = *parts.year;
  if (year >= 70 && year <= 99) year += 1900;
  if (year >= 0 && year <= 69) year += 2000;
  const auto [hour, minute, second] = *parts.time;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(*parts.month)),
                                         std::chrono::day(static_cast<unsigned>(*parts.day))};
  if (year < 1601 || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

}  // namespace fingerpost::http

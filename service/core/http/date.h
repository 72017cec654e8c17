// Dates as HTTP senders write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fingerpost::http {

// Seconds since 1970-01-01T00:00:00Z. Takes dates in any order and with any separators, as in RFC
// 6265bis §5.6.1, including the three forms of HTTP-date (RFC 9110 §5.6.7). nullopt: not a date.
[[nodiscard]] std::optional<int64_t> ParseDate(std::string_view text);

}  // namespace fingerpost::http

// Retry-After: how long a response asks to wait (RFC 9110 §10.2.3).
#pragma once

#include <cstdint>
#include <optional>

#include "core/http/fields.h"

namespace fingerpost::follow {

inline constexpr int64_t kMaxWait =
    int64_t{100} * 365 * 24 *
    3600;  // 100 years: a longer wait is as good as never, and could overflow in callers.

// Seconds from `now` (since 1970; 0: unknown), 0 for an instant that has passed. nullopt: absent,
// unreadable, or a date without a `now`.
[[nodiscard]] std::optional<int64_t> ReadRetryAfter(const http::Headers& headers, int64_t now);

}  // namespace fingerpost::follow

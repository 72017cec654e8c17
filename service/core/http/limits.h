// The limits of a request, and of a response.
#pragma once

#include <cstddef>

namespace fingerpost::http {

// Generous for real traffic. Refused input costs time linear in its size.
inline constexpr int kMaxHeaders = 256;                     // Servers allow 100 or so.
inline constexpr size_t kMaxFieldName = 256;                // The longest registered name has 44.
inline constexpr size_t kMaxFieldValue = size_t{64} << 10;  // Servers stop at 8 to 16 KiB a field.
inline constexpr size_t kMaxMethod = 64;                    // The longest registered method has 17.
inline constexpr size_t kMaxUrl = size_t{64} << 10;  // RFC 9110 §4.1 recommends at least 8000.

// The limits of one request or response. A server's settings may lower them, but nothing raises
// them.
struct RequestLimits {
  int max_fields = kMaxHeaders;
  size_t max_field_length = kMaxFieldValue;  // Octets of one value.
  size_t max_url_length = kMaxUrl;           // Octets.
};

}  // namespace fingerpost::http

// The most that a request may hold, and a response.
#pragma once

#include <cstddef>

namespace fingerpost::http {

// Generous for real traffic; what they refuse costs time linear in its size.
inline constexpr int kMaxHeaders = 256;                     // Servers allow 100 or so.
inline constexpr size_t kMaxFieldName = 256;                // The longest registered name has 44.
inline constexpr size_t kMaxFieldValue = size_t{64} << 10;  // Servers stop at 8 to 16 KiB a field.
inline constexpr size_t kMaxMethod = 64;                    // The longest registered method has 17.
inline constexpr size_t kMaxUrl = size_t{64} << 10;  // RFC 9110 §4.1 recommends at least 8000.

// Of one request, or of a response. Nothing raises these; a server's settings may be tighter.
struct RequestLimits {
  int max_fields = kMaxHeaders;
  size_t max_field_length = kMaxFieldValue;  // Octets of one value.
  size_t max_url_length = kMaxUrl;           // Octets.
};

}  // namespace fingerpost::http

// Sanitizers keep freed memory for a while and take several times as much of everything: bounds on
// memory and time are multiplied by this.
#pragma once

namespace fingerpost::testing {

#ifdef FINGERPOST_SANITIZE
inline constexpr int kAllowance = 8;
#else
inline constexpr int kAllowance = 1;
#endif

}  // namespace fingerpost::testing

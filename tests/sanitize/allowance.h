// A factor for bounds on memory and time: sanitizers keep freed memory for a while, and take
// several times as much of everything.
#pragma once

namespace fingerpost::testing {

#ifdef FINGERPOST_SANITIZE
inline constexpr int kAllowance = 8;
#else
inline constexpr int kAllowance = 1;
#endif

}  // namespace fingerpost::testing

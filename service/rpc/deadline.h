// When a caller waits no longer: work that is not done by then is not done.
#pragma once

#include <chrono>

namespace fingerpost {

using Deadline = std::chrono::system_clock::time_point;
inline constexpr Deadline kNoDeadline = Deadline::max();

}  // namespace fingerpost

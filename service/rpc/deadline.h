// When a caller stops waiting. Work that is unfinished by then is dropped.
#pragma once

#include <chrono>

namespace fingerpost {

using Deadline = std::chrono::system_clock::time_point;
inline constexpr Deadline kNoDeadline = Deadline::max();

}  // namespace fingerpost

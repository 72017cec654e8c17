// An operator new for the whole program, which can let one allocation fail.
#pragma once

#include <atomic>

namespace failing_memory {

// Allocations until one fails, on the threads that take part; 0: none fails.
extern std::atomic<int> to_go;
extern std::atomic<bool> has_failed;
extern thread_local bool is_here;

}  // namespace failing_memory

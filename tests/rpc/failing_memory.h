// An operator new for the whole program, one of whose allocations can be made to fail.
#pragma once

#include <atomic>

namespace failing_memory {

// Allocations until one fails, on the threads that say that they count; 0: none does.
extern std::atomic<int> to_go;
extern std::atomic<bool> has_failed;
extern thread_local bool is_here;

}  // namespace failing_memory

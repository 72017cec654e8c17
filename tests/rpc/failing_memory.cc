#include "rpc/failing_memory.h"

#include <cstdlib>
#include <new>

namespace failing_memory {

std::atomic<int> to_go{0};
std::atomic<bool> has_failed{false};
thread_local bool is_here = false;

}  // namespace failing_memory

// protobuf loses what it had allocated when the next allocation fails, and rpc/parsed.h leaves a
// question alone.
// NOLINTNEXTLINE(bugprone-reserved-identifier): LeakSanitizer's name for it.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:google::protobuf::\nleak:fingerpost::Parsed";
}

void* operator new(std::size_t size) {
  if (failing_memory::is_here && failing_memory::to_go > 0 &&
      failing_memory::to_go.fetch_sub(1) == 1) {
    failing_memory::has_failed = true;
    throw std::bad_alloc();
  }
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
// A sanitizer has its own of these, which would not fit the deletes below.
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

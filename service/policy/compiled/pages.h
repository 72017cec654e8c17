// Large pieces of memory, in huge pages where the system has them (madvise(2), MADV_HUGEPAGE).
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace fingerpost::policy::compiled {

inline constexpr size_t kHugePage = size_t{2} << 20;

struct Unmap {
  size_t size = 0;
  void operator()(void* begin) const { munmap(begin, size); }
};

// Zeroed, and the system's again once freed. Pages that are never reached cost nothing; of huge
// ones, which need a `size` of some kHugePage, that is a whole one.
template <typename T>
using Pages = std::unique_ptr<T[], Unmap>;

template <typename T>
[[nodiscard]] Pages<T> MapPages(size_t size, bool huge) {
#ifdef __wasi__
  huge = false;  // There are none, and a mapping is given back only as a whole.
#endif
  // A huge page is aligned to its size: the pieces before and after it go back at once.
  const size_t more = huge ? kHugePage : 0;
  void* const mapped =
      mmap(nullptr, size + more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* begin = static_cast<char*>(mapped);
  if (huge) {
    const size_t before = -reinterpret_cast<uintptr_t>(begin) % kHugePage;
    if (before > 0) munmap(begin, before);
    begin += before;
    if (before < more) munmap(begin + size, more - before);
    madvise(begin, size, MADV_HUGEPAGE);  // Where it fails, pages are small.
  }
  return Pages<T>(reinterpret_cast<T*>(begin), Unmap{size});
}

}  // namespace fingerpost::policy::compiled

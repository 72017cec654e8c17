// A number for each thread, for those who count in a place of their own.
#pragma once

#include <atomic>
#include <cstddef>

namespace fingerpost::policy::count {

// From 0, in the order in which threads ask first.
[[nodiscard]] inline size_t ThreadNumber() {
  static std::atomic<size_t> threads{0};
  thread_local const size_t number = threads.fetch_add(1, std::memory_order_relaxed);
  return number;
}

}  // namespace fingerpost::policy::count

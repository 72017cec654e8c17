#include "server/memory.h"

#include <malloc.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace fingerpost {
namespace {

constexpr std::chrono::seconds kBetweenLooks{1};
constexpr std::chrono::minutes kBetweenLines{1};
// Growth of the free memory that is worth trimming, which takes a millisecond for a few MiB.
constexpr size_t kMuch = size_t{16} << 20;
// Pieces of at least this size, such as a map's rows and long answers, are given back when they are
// freed. glibc would raise the threshold with each larger freed piece, up to 32 MiB (mallopt(3)).
constexpr int kOfItsOwn = 128 << 10;

}  // namespace

MemoryKeeper::MemoryKeeper(const Budget& budget) : budget_(budget) {
  mallopt(M_MMAP_THRESHOLD, kOfItsOwn);
  thread_ = std::thread([this] { Run(); });
}

MemoryKeeper::~MemoryKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void MemoryKeeper::Run() {
  least_free_ = mallinfo2().fordblks;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kBetweenLooks, [this] { return stopping_; })) {
    GiveBack();
    LogRefused();
  }
}

// malloc gives back only memory at the end of the heap. Free pieces between used ones would stay
// with the process.
void MemoryKeeper::GiveBack() {
  const size_t free = mallinfo2().fordblks;
  least_free_ = std::min(least_free_, free);
  if (free - least_free_ < kMuch) return;
  const auto begin = Clock::now();
  malloc_trim(0);
  least_free_ = free;
  spdlog::debug(
      "memory: {} MiB were free, looked through in {} ms", free >> 20,
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count());
}

void MemoryKeeper::LogRefused() {
  const auto now = Clock::now();
  for (size_t i = 0; i < Budget::kParts; ++i) {
    const auto part = static_cast<Budget::Part>(i);
    const uint64_t refused = budget_.refused_calls(part);
    if (refused == logged_[i] || now < next_line_[i]) continue;
    spdlog::warn("calls: {} refused by {}; all of them hold {} of {} KiB", refused - logged_[i],
                 Budget::NameOf(part), budget_.held(part) >> 10, budget_.size(part) >> 10);
    logged_[i] = refused;
    next_line_[i] = now + kBetweenLines;
  }
}

}  // namespace fingerpost

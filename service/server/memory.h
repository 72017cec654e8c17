// Gives free memory back to the system after a burst, and logs refused calls once a minute.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

#include "rpc/budget.h"

namespace fingerpost {

class MemoryKeeper {
 public:
  // `budget` must outlive it.
  explicit MemoryKeeper(const Budget& budget);
  ~MemoryKeeper();
  MemoryKeeper(const MemoryKeeper&) = delete;
  MemoryKeeper& operator=(const MemoryKeeper&) = delete;

 private:
  using Clock = std::chrono::steady_clock;

  void Run();
  void GiveBack();
  void LogRefused();

  const Budget& budget_;
  size_t least_free_ = 0;  // octets, since memory was last given back
  std::array<uint64_t, Budget::kParts> logged_{};
  std::array<Clock::time_point, Budget::kParts> next_line_{};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fingerpost

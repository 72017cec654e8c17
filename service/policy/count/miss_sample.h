// Requests that no rule and no row of the policy answers: how many, and some of them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace fingerpost::policy::count {

// Thread-safe.
class MissSample {
 public:
  static constexpr size_t kKept = 64;       // different URLs, those seen last
  static constexpr size_t kMaxUrl = 256;    // octets; the end of a longer one is "..."
  static constexpr uint64_t kAtOnce = 128;  // misses of which each is looked at

  struct Miss {
    std::string url;    // origin and path; never query, fragment or userinfo
    uint64_t seen = 0;  // in the sample
    uint32_t last = 0;  // seconds since 1970-01-01 UTC
  };

  // Looks at the first misses, then at one in a second: the others cost a counter.
  void Count(const std::string& url, uint32_t now);
  // Adds what was counted elsewhere. A URL loses what it must not have; without memory it is lost.
  void Add(uint64_t misses) { all_.fetch_add(misses, std::memory_order_relaxed); }
  void Add(std::string_view url, uint64_t seen, uint32_t last);
  // Takes away what is counted elsewhere from now on.
  void Subtract(uint64_t misses) { all_.fetch_sub(misses, std::memory_order_relaxed); }
  void Subtract(std::string_view url, uint64_t seen);

  [[nodiscard]] uint64_t all() const { return all_.load(std::memory_order_relaxed); }
  // The last seen first.
  [[nodiscard]] std::vector<Miss> Sampled() const;

 private:
  void Keep(Miss found);

  std::atomic<uint64_t> all_{0};
  std::atomic<uint32_t> looked_at_{0};  // the second of the last look
  mutable std::mutex mutex_;
  std::vector<Miss> misses_;
};

}  // namespace fingerpost::policy::count

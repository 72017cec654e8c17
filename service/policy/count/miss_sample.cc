#include "policy/count/miss_sample.h"

#include <algorithm>
#include <new>
#include <utility>

#include "policy/count/without_secrets.h"

namespace fingerpost::policy::count {

void MissSample::Count(const std::string& url, uint32_t now) {
  const uint64_t before = all_.fetch_add(1, std::memory_order_relaxed);
  uint32_t looked_at = looked_at_.load(std::memory_order_relaxed);
  const bool is_turn = looked_at != now && looked_at_.compare_exchange_strong(
                                               looked_at, now, std::memory_order_relaxed);
  if (!is_turn && before >= kAtOnce) return;
  Add(url, 1, now);
}

void MissSample::Add(std::string_view url, uint64_t seen, uint32_t last) {
  try {
    Keep({.url = WithoutSecrets(url, kMaxUrl), .seen = seen, .last = last});
  } catch (const std::bad_alloc&) {
    // The answer is worth more than the sample.
  }
}

void MissSample::Subtract(std::string_view url, uint64_t seen) {
  const std::lock_guard lock(mutex_);
  const auto miss = std::find_if(misses_.begin(), misses_.end(),
                                 [url](const Miss& other) { return other.url == url; });
  if (miss == misses_.end()) return;
  miss->seen -= std::min(seen, miss->seen);
  if (miss->seen == 0) misses_.erase(miss);
}

void MissSample::Keep(Miss found) {
  if (found.url.empty() || found.seen == 0) return;
  const std::lock_guard lock(mutex_);
  auto miss = std::find_if(misses_.begin(), misses_.end(),
                           [&found](const Miss& other) { return other.url == found.url; });
  if (miss == misses_.end()) {
    if (misses_.size() < kKept) {
      miss = misses_.insert(misses_.end(), Miss{});
    } else {
      miss = std::min_element(misses_.begin(), misses_.end(),
                              [](const Miss& a, const Miss& b) { return a.last < b.last; });
    }
    *miss = std::move(found);
  } else {
    miss->seen += found.seen;
    miss->last = std::max(miss->last, found.last);
  }
}

std::vector<MissSample::Miss> MissSample::Sampled() const {
  std::vector<Miss> misses;
  {
    const std::lock_guard lock(mutex_);
    misses = misses_;
  }
  std::stable_sort(misses.begin(), misses.end(),
                   [](const Miss& a, const Miss& b) { return a.last > b.last; });
  return misses;
}

}  // namespace fingerpost::policy::count

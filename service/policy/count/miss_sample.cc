#include "policy/count/miss_sample.h"

#include <algorithm>
#include <new>
#include <utility>

#include "core/http/url.h"

namespace fingerpost::policy::count {
namespace {

// As in the access log: a password may be anywhere in a text that is no http or https URL.
std::string WithoutSecrets(const std::string& text) {
  const auto url = http::ParseUrl(text);
  if (!url || !http::IsHttp(*url)) return {};
  std::string redacted = http::Redacted(*url);  // ASCII
  if (redacted.size() > MissSample::kMaxUrl) {
    redacted.resize(MissSample::kMaxUrl);
    redacted += "…";
  }
  return redacted;
}

}  // namespace

void MissSample::Count(const std::string& url, uint32_t now) {
  const uint64_t before = all_.fetch_add(1, std::memory_order_relaxed);
  uint32_t looked_at = looked_at_.load(std::memory_order_relaxed);
  const bool is_turn = looked_at != now && looked_at_.compare_exchange_strong(
                                               looked_at, now, std::memory_order_relaxed);
  if (!is_turn && before >= kAtOnce) return;
  try {
    Keep(url, now);
  } catch (const std::bad_alloc&) {
    // The answer is worth more than the sample.
  }
}

void MissSample::Keep(const std::string& url, uint32_t now) {
  std::string redacted = WithoutSecrets(url);
  if (redacted.empty()) return;
  const std::lock_guard lock(mutex_);
  auto miss = std::find_if(misses_.begin(), misses_.end(),
                           [&redacted](const Miss& other) { return other.url == redacted; });
  if (miss == misses_.end()) {
    if (misses_.size() < kKept) {
      miss = misses_.insert(misses_.end(), Miss{});
    } else {
      miss = std::min_element(misses_.begin(), misses_.end(),
                              [](const Miss& a, const Miss& b) { return a.last < b.last; });
    }
    *miss = {.url = std::move(redacted)};
  }
  ++miss->seen;
  miss->last = now;
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

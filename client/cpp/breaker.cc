#include "breaker.h"

#include <utility>

namespace fingerpost {

Breaker::Breaker(std::function<Time()> clock) : clock_(std::move(clock)) {}

bool Breaker::Allows() {
  const std::lock_guard lock(mutex_);
  if (failures_ < kFailuresToOpen) return true;
  const Time now = clock_();
  if (now < until_) return false;
  Open(now);  // This call is the probe; the others wait for what it learns.
  return true;
}

void Breaker::Answered() {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
}

void Breaker::Failed() {
  const std::lock_guard lock(mutex_);
  if (failures_ < kFailuresToOpen) ++failures_;
  if (failures_ == kFailuresToOpen) Open(clock_());
}

void Breaker::Open(Time now) {
  std::uniform_int_distribution<int64_t> jitter(0, kJitter.count());
  until_ = now + kOpen + std::chrono::milliseconds(jitter(random_));
}

}  // namespace fingerpost

// The circuit breaker: an outage costs a request microseconds, not its deadline (client/README.md).
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <random>

namespace fingerpost {

class Breaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr int kFailuresToOpen = 5;
  static constexpr std::chrono::milliseconds kOpen{1000};
  // Up to this much longer, so that many clients do not come back at once.
  static constexpr std::chrono::milliseconds kJitter{200};

  explicit Breaker(std::function<Time()> clock = std::chrono::steady_clock::now);

  // Whether the next call may be made. While open, one call is let through each time it expires.
  [[nodiscard]] bool Allows();
  // The service answered, even if with an error about the question.
  void Answered();
  void Failed();

 private:
  void Open(Time now);

  const std::function<Time()> clock_;
  std::mutex mutex_;
  std::minstd_rand random_{std::random_device{}()};
  int failures_ = 0;
  Time until_;
};

}  // namespace fingerpost

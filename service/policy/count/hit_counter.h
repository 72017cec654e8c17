// One counter that many threads write: hits by outcome, and the last one.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>

#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::policy::count {

// By v1::Outcome; UNSPECIFIED: an error, which only a rule in shadow mode counts.
inline constexpr size_t kOutcomes = v1::Outcome_ARRAYSIZE;

// What a counter had at an instant.
struct HitCounts {
  std::string name;
  int64_t since = 0;       // seconds since 1970-01-01 UTC: it began at 0 then
  bool is_listed = false;  // it is a time series of its own in the metrics
  std::array<uint64_t, kOutcomes> by_outcome{};
  int64_t last = 0;  // when the last hit was; 0: never
  v1::Outcome last_outcome = v1::OUTCOME_UNSPECIFIED;
  int last_status = 0;  // as DecideResponse.status

  [[nodiscard]] uint64_t hits() const {
    return std::accumulate(by_outcome.begin(), by_outcome.end(), uint64_t{0});
  }
};

// Thread-safe; nothing orders its parts.
class HitCounter {
 public:
  // `rest`, if any, counts the same hits, and must outlive this.
  HitCounter(std::string name, int64_t since, HitCounter* rest = nullptr)
      : name_(std::move(name)), since_(since), rest_(rest) {}

  // `now` in seconds since 1970-01-01 UTC; 0: unknown.
  void Count(v1::Outcome outcome, int status, uint32_t now) {
    by_outcome_[IndexOf(outcome)].fetch_add(1, std::memory_order_relaxed);
    if (now != 0) StoreIfNew(last_, now);
    StoreIfNew(last_answer_, AnswerOf(outcome, status));
    if (rest_ != nullptr) rest_->Count(outcome, status, now);
  }
  // Adds hits that were counted elsewhere, the last of them at `last`.
  void Add(v1::Outcome outcome, uint64_t hits, int status, uint32_t last) {
    by_outcome_[IndexOf(outcome)].fetch_add(hits, std::memory_order_relaxed);
    if (last > last_.load(std::memory_order_relaxed)) {
      last_.store(last, std::memory_order_relaxed);
      last_answer_.store(AnswerOf(outcome, status), std::memory_order_relaxed);
    }
    if (rest_ != nullptr) rest_->Add(outcome, hits, status, last);
  }
  // Takes away hits that are counted elsewhere from now on.
  void Subtract(v1::Outcome outcome, uint64_t hits) {
    by_outcome_[IndexOf(outcome)].fetch_sub(hits, std::memory_order_relaxed);
    if (rest_ != nullptr) rest_->Subtract(outcome, hits);
  }

  [[nodiscard]] HitCounts Read() const {
    HitCounts counts{.name = name_, .since = since_, .is_listed = is_listed()};
    for (size_t i = 0; i < kOutcomes; ++i) {
      counts.by_outcome[i] = by_outcome_[i].load(std::memory_order_relaxed);
    }
    counts.last = last_.load(std::memory_order_relaxed);
    const uint32_t answer = last_answer_.load(std::memory_order_relaxed);
    counts.last_outcome = static_cast<v1::Outcome>(answer >> 16);
    counts.last_status = static_cast<int>(answer & 0xffff);
    return counts;
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_listed() const { return rest_ == nullptr; }

 private:
  static size_t IndexOf(v1::Outcome outcome) {
    const auto index = static_cast<size_t>(outcome);
    return index < kOutcomes ? index : 0;
  }
  static uint32_t AnswerOf(v1::Outcome outcome, int status) {
    return static_cast<uint32_t>(outcome) << 16 | static_cast<uint32_t>(status);
  }
  // A store would take the cache line from the other threads even where it changes nothing.
  static void StoreIfNew(std::atomic<uint32_t>& place, uint32_t value) {
    if (place.load(std::memory_order_relaxed) != value) {
      place.store(value, std::memory_order_relaxed);
    }
  }

  const std::string name_;
  const int64_t since_;
  HitCounter* const rest_;
  std::array<std::atomic<uint64_t>, kOutcomes> by_outcome_{};
  std::atomic<uint32_t> last_{0};
  std::atomic<uint32_t> last_answer_{0};  // outcome, status
};

}  // namespace fingerpost::policy::count

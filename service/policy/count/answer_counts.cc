#include "policy/count/answer_counts.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "absl/container/btree_map.h"
#include "policy/count/thread_number.h"

namespace fingerpost::policy::count {
namespace {

// More threads than this share shards, which is slower but still correct.
constexpr size_t kShards = 32;
// Outcome, purpose, status and reason have only a few hundred combinations.
constexpr size_t kDecisionSlots = 1024;
constexpr size_t kStops = 64;

using Counter = std::atomic<uint64_t>;

void Add(Counter& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

uint64_t Read(const Counter& counter) { return counter.load(std::memory_order_relaxed); }

// Never 0: that marks a free slot.
uint64_t KeyOf(v1::Outcome outcome, v1::Purpose purpose, int status, v1::ReasonCode reason) {
  return uint64_t{1} << 63 | static_cast<uint64_t>(outcome & 0xff) << 48 |
         static_cast<uint64_t>(purpose & 0xffff) << 32 |
         static_cast<uint64_t>(status & 0xffff) << 16 | static_cast<uint64_t>(reason & 0xffff);
}

DecisionCount FromKey(uint64_t key, uint64_t count) {
  return {static_cast<v1::Outcome>(key >> 48 & 0xff), static_cast<v1::Purpose>(key >> 32 & 0xffff),
          static_cast<int>(key >> 16 & 0xffff), static_cast<v1::ReasonCode>(key & 0xffff), count};
}

// A hash table with open addressing; slots are never given back.
class DecisionTable {
 public:
  // False: full.
  bool Count(uint64_t key) {
    constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;
    for (size_t probe = 0; probe < kDecisionSlots; ++probe) {
      Slot& slot = slots_[((key * kGolden >> 32) + probe) % kDecisionSlots];
      uint64_t seen = slot.key.load(std::memory_order_relaxed);
      if (seen == 0 && slot.key.compare_exchange_strong(seen, key)) seen = key;
      if (seen != key) continue;
      Add(slot.count);
      return true;
    }
    return false;
  }

  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (const uint64_t key = slot.key.load(std::memory_order_relaxed))
        visit(key, Read(slot.count));
    }
  }

 private:
  struct Slot {
    Counter key, count;
  };
  std::array<Slot, kDecisionSlots> slots_;
};

}  // namespace

struct alignas(64) AnswerCounts::Shard {
  std::array<Counter, kStops> stops;
  DecisionTable decisions;
  Counter uncounted;
};

AnswerCounts::AnswerCounts() : shards_(std::make_unique<Shard[]>(kShards)) {}
AnswerCounts::~AnswerCounts() = default;

AnswerCounts::Shard& AnswerCounts::Mine() const { return shards_[ThreadNumber() % kShards]; }

void AnswerCounts::Decided(const v1::DecideRequest& request, const v1::DecideResponse& response) {
  const uint64_t key = KeyOf(response.outcome(), request.intent().purpose(), response.status(),
                             response.reason().code());
  if (!Mine().decisions.Count(key)) Add(Mine().uncounted);
}

void AnswerCounts::Followed(const v1::FollowResponse& response) {
  Add(Mine().stops[std::min(static_cast<size_t>(response.stop().reason()), kStops - 1)]);
}

std::vector<DecisionCount> AnswerCounts::Decisions() const {
  absl::btree_map<uint64_t, uint64_t> sums;
  for (size_t shard = 0; shard < kShards; ++shard) {
    shards_[shard].decisions.ForEach([&](uint64_t key, uint64_t count) { sums[key] += count; });
  }
  std::vector<DecisionCount> counts;
  counts.reserve(sums.size());
  for (const auto& [key, count] : sums) counts.push_back(FromKey(key, count));
  return counts;
}

std::vector<FollowCount> AnswerCounts::Follows() const {
  std::vector<FollowCount> counts;
  for (size_t stop = 0; stop < kStops; ++stop) {
    uint64_t sum = 0;
    for (size_t shard = 0; shard < kShards; ++shard) sum += Read(shards_[shard].stops[stop]);
    if (sum > 0) counts.push_back({static_cast<v1::StopReason>(stop), sum});
  }
  return counts;
}

uint64_t AnswerCounts::Uncounted() const {
  uint64_t sum = 0;
  for (size_t shard = 0; shard < kShards; ++shard) sum += Read(shards_[shard].uncounted);
  return sum;
}

}  // namespace fingerpost::policy::count

#include "policy/count/answer_counts.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <new>

#include "absl/container/btree_map.h"
#include "policy/count/thread_number.h"

namespace fingerpost::policy::count {
namespace {

// Outcome, purpose, status and reason have only a few hundred combinations.
constexpr size_t kDecisionSlots = 1024;
constexpr size_t kStops = 64;

using Counter = std::atomic<uint64_t>;

void Add(Counter& counter, uint64_t amount) {
  counter.fetch_add(amount, std::memory_order_relaxed);
}

// As much of `amount` as it has. Returns the rest.
uint64_t Subtract(Counter& counter, uint64_t amount) {
  const uint64_t part = std::min(amount, counter.load(std::memory_order_relaxed));
  counter.fetch_sub(part, std::memory_order_relaxed);
  return amount - part;
}

uint64_t Read(const Counter& counter) { return counter.load(std::memory_order_relaxed); }

// Never 0: that marks a free slot.
uint64_t KeyOf(const Decision& decision) {
  return uint64_t{1} << 63 | static_cast<uint64_t>(decision.outcome & 0xff) << 48 |
         static_cast<uint64_t>(decision.purpose & 0xffff) << 32 |
         static_cast<uint64_t>(decision.status & 0xffff) << 16 |
         static_cast<uint64_t>(decision.reason & 0xffff);
}

DecisionCount FromKey(uint64_t key, uint64_t count) {
  return {{static_cast<v1::Outcome>(key >> 48 & 0xff), static_cast<v1::Purpose>(key >> 32 & 0xffff),
           static_cast<int>(key >> 16 & 0xffff), static_cast<v1::ReasonCode>(key & 0xffff)},
          count};
}

// A hash table with open addressing; slots are never given back.
class DecisionTable {
 public:
  // The counter of a key; null: there is none, and no room for it or no wish to make it.
  Counter* Find(uint64_t key, bool make) {
    constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;
    for (size_t probe = 0; probe < kDecisionSlots; ++probe) {
      Slot& slot = slots_[((key * kGolden >> 32) + probe) % kDecisionSlots];
      uint64_t seen = slot.key.load(std::memory_order_relaxed);
      if (seen == 0 && !make) return nullptr;
      if (seen == 0 && slot.key.compare_exchange_strong(seen, key)) seen = key;
      if (seen == key) return &slot.count;
    }
    return nullptr;
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

  Counter& Of(v1::StopReason stop) {
    return stops[std::min(static_cast<size_t>(stop), kStops - 1)];
  }
};

AnswerCounts::~AnswerCounts() {
  for (const auto& shard : shards_) delete shard.load(std::memory_order_relaxed);
}

AnswerCounts::Shard* AnswerCounts::At(size_t index) {
  std::atomic<Shard*>& place = shards_[index];
  Shard* shard = place.load(std::memory_order_acquire);
  if (shard != nullptr) return shard;
  Shard* mine = new (std::nothrow) Shard();
  if (mine == nullptr) return nullptr;
  if (place.compare_exchange_strong(shard, mine, std::memory_order_acq_rel)) return mine;
  delete mine;  // Another thread was faster.
  return shard;
}

template <typename Visit>
void AnswerCounts::ForEachShard(Visit visit) const {
  for (const auto& place : shards_) {
    if (Shard* shard = place.load(std::memory_order_acquire)) visit(*shard);
  }
}

void AnswerCounts::Count(size_t shard, const Decision& decision, uint64_t hits) {
  Shard* counters = At(shard);
  Counter* counter =
      counters == nullptr ? nullptr : counters->decisions.Find(KeyOf(decision), true);
  Add(counter == nullptr ? uncounted_ : *counter, hits);
}

void AnswerCounts::Count(size_t shard, v1::StopReason stop, uint64_t hits) {
  Shard* counters = At(shard);
  Add(counters == nullptr ? uncounted_ : counters->Of(stop), hits);
}

void AnswerCounts::Decided(const Decision& decision) {
  Count(ThreadNumber() % kShards, decision, 1);
}

void AnswerCounts::Followed(v1::StopReason stop) { Count(ThreadNumber() % kShards, stop, 1); }

void AnswerCounts::AddDecided(const Decision& decision, uint64_t hits) {
  Count(kShards, decision, hits);
}

void AnswerCounts::AddFollowed(v1::StopReason stop, uint64_t hits) { Count(kShards, stop, hits); }

void AnswerCounts::Subtract(const Decision& decision, uint64_t hits) {
  ForEachShard([&](Shard& shard) {
    if (Counter* counter = shard.decisions.Find(KeyOf(decision), false)) {
      hits = count::Subtract(*counter, hits);
    }
  });
}

void AnswerCounts::Subtract(v1::StopReason stop, uint64_t hits) {
  ForEachShard([&](Shard& shard) { hits = count::Subtract(shard.Of(stop), hits); });
}

std::vector<DecisionCount> AnswerCounts::Decisions() const {
  absl::btree_map<uint64_t, uint64_t> sums;
  ForEachShard([&](const Shard& shard) {
    shard.decisions.ForEach([&](uint64_t key, uint64_t count) {
      if (count > 0) sums[key] += count;
    });
  });
  std::vector<DecisionCount> counts;
  counts.reserve(sums.size());
  for (const auto& [key, count] : sums) counts.push_back(FromKey(key, count));
  return counts;
}

std::vector<FollowCount> AnswerCounts::Follows() const {
  std::vector<FollowCount> counts;
  for (size_t stop = 0; stop < kStops; ++stop) {
    uint64_t sum = 0;
    ForEachShard([&](const Shard& shard) { sum += Read(shard.stops[stop]); });
    if (sum > 0) counts.push_back({static_cast<v1::StopReason>(stop), sum});
  }
  return counts;
}

uint64_t AnswerCounts::Uncounted() const { return Read(uncounted_); }

}  // namespace fingerpost::policy::count

// Counters of answers, by what they are.
//
// Each thread counts in its own shard, without locks or shared writes; a reader adds the shards up.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::policy::count {

// What an answer of Decide is.
struct Decision {
  v1::Outcome outcome;
  v1::Purpose purpose;  // UNSPECIFIED: the policy's choice
  int status;
  v1::ReasonCode reason;
};

[[nodiscard]] inline Decision DecisionOf(const v1::DecideRequest& request,
                                         const v1::DecideResponse& response) {
  return {response.outcome(), request.intent().purpose(), response.status(),
          response.reason().code()};
}

struct DecisionCount : Decision {
  uint64_t count;
};

struct FollowCount {
  v1::StopReason stop;  // UNSPECIFIED: there is a next request
  uint64_t count;
};

class AnswerCounts {
 public:
  AnswerCounts() = default;
  ~AnswerCounts();
  AnswerCounts(const AnswerCounts&) = delete;
  AnswerCounts& operator=(const AnswerCounts&) = delete;

  // Thread-safe. Without memory for a thread's shard, nothing is counted.
  void Decided(const Decision& decision);
  void Followed(v1::StopReason stop);
  // Adds what was counted elsewhere, in a shard of its own: whatever it says it is, the answers of
  // this process have their slots.
  void AddDecided(const Decision& decision, uint64_t hits);
  void AddFollowed(v1::StopReason stop, uint64_t hits);
  // Takes away hits, of those that were read, which are counted elsewhere from now on.
  void Subtract(const Decision& decision, uint64_t hits);
  void Subtract(v1::StopReason stop, uint64_t hits);

  // Sums, not all of one instant.
  [[nodiscard]] std::vector<DecisionCount> Decisions() const;  // only those above 0
  [[nodiscard]] std::vector<FollowCount> Follows() const;      // likewise
  // Decisions without room in their shard's table, and answers without memory for a shard.
  [[nodiscard]] uint64_t Uncounted() const;

 private:
  // More threads than this share shards, which is slower but still correct.
  static constexpr size_t kShards = 32;

  struct Shard;
  // Null: no memory. `index`: of shards_.
  [[nodiscard]] Shard* At(size_t index);
  void Count(size_t shard, const Decision& decision, uint64_t hits);
  void Count(size_t shard, v1::StopReason stop, uint64_t hits);
  template <typename Visit>
  void ForEachShard(Visit visit) const;

  // The last is for what was counted elsewhere. Each is made at its first answer: 17 KiB.
  std::array<std::atomic<Shard*>, kShards + 1> shards_{};
  std::atomic<uint64_t> uncounted_{0};
};

}  // namespace fingerpost::policy::count

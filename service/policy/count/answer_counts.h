// Counters of answers, by what they are.
//
// Each thread counts in its own shard, without locks or shared writes; a reader adds the shards up.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::policy::count {

struct DecisionCount {
  v1::Outcome outcome;
  v1::Purpose purpose;  // UNSPECIFIED: the policy's choice
  int status;
  v1::ReasonCode reason;
  uint64_t count;
};

struct FollowCount {
  v1::StopReason stop;  // UNSPECIFIED: there is a next request
  uint64_t count;
};

class AnswerCounts {
 public:
  AnswerCounts();
  ~AnswerCounts();
  AnswerCounts(const AnswerCounts&) = delete;
  AnswerCounts& operator=(const AnswerCounts&) = delete;

  // Thread-safe.
  void Decided(const v1::DecideRequest& request, const v1::DecideResponse& response);
  void Followed(const v1::FollowResponse& response);

  // Sums since the start, not all of one instant. None ever decreases.
  [[nodiscard]] std::vector<DecisionCount> Decisions() const;  // only those above 0
  [[nodiscard]] std::vector<FollowCount> Follows() const;      // likewise
  // Decisions without room in their shard's table.
  [[nodiscard]] uint64_t Uncounted() const;

 private:
  struct Shard;
  [[nodiscard]] Shard& Mine() const;

  std::unique_ptr<Shard[]> shards_;
};

}  // namespace fingerpost::policy::count

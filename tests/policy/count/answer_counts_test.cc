// Counters of answers that many threads write and one reads.
#include "policy/count/answer_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <thread>

namespace fingerpost::policy::count {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(AnswerCountsTest, CountsDecisionsByWhatTheyAre) {
  AnswerCounts counts;
  v1::DecideRequest request;
  request.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  v1::DecideResponse response;
  response.set_outcome(v1::OUTCOME_REDIRECT);
  response.set_status(303);
  response.mutable_reason()->set_code(v1::REASON_CODE_FORM_RESULT);
  counts.Decided(DecisionOf(request, response));
  counts.Decided(DecisionOf(request, response));
  counts.Decided({});
  const auto decisions = counts.Decisions();
  ASSERT_THAT(decisions, SizeIs(2));
  EXPECT_EQ(decisions[0].count, 1U);
  EXPECT_EQ(decisions[1].outcome, v1::OUTCOME_REDIRECT);
  EXPECT_EQ(decisions[1].purpose, v1::PURPOSE_FORM_RESULT);
  EXPECT_EQ(decisions[1].status, 303);
  EXPECT_EQ(decisions[1].reason, v1::REASON_CODE_FORM_RESULT);
  EXPECT_EQ(decisions[1].count, 2U);
}

TEST(AnswerCountsTest, CountsWhereFollowEnds) {
  AnswerCounts counts;
  EXPECT_THAT(counts.Follows(), IsEmpty());
  counts.Followed(v1::STOP_REASON_UNSPECIFIED);
  counts.Followed(v1::STOP_REASON_LOOP);
  const auto follows = counts.Follows();
  ASSERT_THAT(follows, SizeIs(2));
  EXPECT_EQ(follows[0].stop, v1::STOP_REASON_UNSPECIFIED);
  EXPECT_EQ(follows[1].stop, v1::STOP_REASON_LOOP);
}

// More kinds than the table holds: the rest is counted together, and nothing is overwritten.
TEST(AnswerCountsTest, KeepsCountingWhenItsTableIsFull) {
  AnswerCounts counts;
  constexpr int kKinds = 3000;
  for (int status = 0; status < kKinds; ++status) {
    v1::DecideResponse response;
    response.set_status(status);
    counts.Decided(DecisionOf({}, response));
  }
  const auto decisions = counts.Decisions();
  EXPECT_GT(counts.Uncounted(), 0U);
  EXPECT_EQ(decisions.size() + counts.Uncounted(), static_cast<size_t>(kKinds));
}

TEST(AnswerCountsTest, LosesNothingAmongThreads) {
  AnswerCounts counts;
  constexpr int kThreads = 40;  // more than shards
  constexpr int kEach = 1000;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&counts] {
      for (int n = 0; n < kEach; ++n) {
        v1::DecideResponse response;
        response.set_status(n % 7);
        counts.Decided(DecisionOf({}, response));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto decisions = counts.Decisions();
  EXPECT_THAT(decisions, SizeIs(7));
  const auto sum = std::accumulate(decisions.begin(), decisions.end(), uint64_t{0},
                                   [](uint64_t total, const auto& d) { return total + d.count; });
  EXPECT_EQ(sum, uint64_t{kThreads} * kEach);
}

}  // namespace
}  // namespace fingerpost::policy::count

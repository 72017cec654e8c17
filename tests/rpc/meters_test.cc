// Counters that many threads write and one reads.
#include "rpc/meters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <thread>

namespace fingerpost {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Meters, CountsCallsByMethodCodeAndDuration) {
  Meters meters;
  using namespace std::chrono_literals;
  meters.Started(Method::kDecide);
  meters.Received(Method::kDecide);
  meters.Finished(Method::kDecide, grpc::NOT_FOUND, 30us);
  meters.Started(Method::kDecide);
  meters.Finished(Method::kDecide, grpc::OK, 2min);
  const CallCounts counts = meters.Calls(Method::kDecide);
  EXPECT_EQ(counts.started, 2U);
  EXPECT_EQ(counts.received, 1U);
  EXPECT_EQ(counts.sent, 0U);
  EXPECT_EQ(counts.handled[grpc::NOT_FOUND], 1U);
  EXPECT_EQ(counts.handled[grpc::OK], 1U);
  EXPECT_EQ(counts.durations[3], 1U) << "above 25 us, at most 50 us";
  EXPECT_EQ(counts.durations.back(), 1U) << "above all bounds";
  EXPECT_EQ(counts.nanoseconds, 120'000'030'000U);
  EXPECT_EQ(meters.Calls(Method::kFollow).started, 0U);
}

TEST(Meters, CountsDecisionsByWhatTheyAre) {
  Meters meters;
  v1::DecideRequest request;
  request.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  v1::DecideResponse response;
  response.set_outcome(v1::OUTCOME_REDIRECT);
  response.set_status(303);
  response.mutable_reason()->set_code(v1::REASON_CODE_FORM_RESULT);
  meters.Decided(request, response);
  meters.Decided(request, response);
  meters.Decided({}, {});
  const auto decisions = meters.Decisions();
  ASSERT_THAT(decisions, SizeIs(2));
  EXPECT_EQ(decisions[0].count, 1U);
  EXPECT_EQ(decisions[1].outcome, v1::OUTCOME_REDIRECT);
  EXPECT_EQ(decisions[1].purpose, v1::PURPOSE_FORM_RESULT);
  EXPECT_EQ(decisions[1].status, 303);
  EXPECT_EQ(decisions[1].reason, v1::REASON_CODE_FORM_RESULT);
  EXPECT_EQ(decisions[1].count, 2U);
}

TEST(Meters, CountsWhereFollowEnds) {
  Meters meters;
  EXPECT_THAT(meters.Follows(), IsEmpty());
  v1::FollowResponse response;
  response.mutable_next();
  meters.Followed(response);
  response.mutable_stop()->set_reason(v1::STOP_REASON_LOOP);
  meters.Followed(response);
  const auto follows = meters.Follows();
  ASSERT_THAT(follows, SizeIs(2));
  EXPECT_EQ(follows[0].stop, v1::STOP_REASON_UNSPECIFIED);
  EXPECT_EQ(follows[1].stop, v1::STOP_REASON_LOOP);
}

// More kinds than the table holds: the rest is counted together, and nothing is overwritten.
TEST(Meters, KeepsCountingWhenItsTableIsFull) {
  Meters meters;
  constexpr int kKinds = 3000;
  for (int status = 0; status < kKinds; ++status) {
    v1::DecideResponse response;
    response.set_status(status);
    meters.Decided({}, response);
  }
  const auto decisions = meters.Decisions();
  EXPECT_GT(meters.Uncounted(), 0U);
  EXPECT_EQ(decisions.size() + meters.Uncounted(), static_cast<size_t>(kKinds));
}

TEST(Meters, LosesNothingAmongThreads) {
  Meters meters;
  constexpr int kThreads = 40;  // more than shards
  constexpr int kEach = 1000;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&meters] {
      for (int n = 0; n < kEach; ++n) {
        meters.Started(Method::kBatchDecide);
        v1::DecideResponse response;
        response.set_status(n % 7);
        meters.Decided({}, response);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(meters.Calls(Method::kBatchDecide).started, uint64_t{kThreads} * kEach);
  const auto decisions = meters.Decisions();
  EXPECT_THAT(decisions, SizeIs(7));
  const auto sum = std::accumulate(decisions.begin(), decisions.end(), uint64_t{0},
                                   [](uint64_t total, const auto& d) { return total + d.count; });
  EXPECT_EQ(sum, uint64_t{kThreads} * kEach);
}

}  // namespace
}  // namespace fingerpost

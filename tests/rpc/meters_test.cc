// Counters that many threads write and one reads.
#include "rpc/meters.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace fingerpost {
namespace {

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

TEST(Meters, LosesNothingAmongThreads) {
  Meters meters;
  constexpr int kThreads = 40;  // more than shards
  constexpr int kEach = 1000;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&meters] {
      for (int n = 0; n < kEach; ++n) {
        meters.Started(Method::kBatchDecide);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(meters.Calls(Method::kBatchDecide).started, uint64_t{kThreads} * kEach);
}

}  // namespace
}  // namespace fingerpost

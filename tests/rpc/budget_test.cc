#include "rpc/budget.h"

#include <gtest/gtest.h>

namespace fingerpost {
namespace {

constexpr int64_t kMiB = 1 << 20;

TEST(Budget, GivesBackWhatWasTaken) {
  Budget budget(4 * kMiB);
  {
    Share first(&budget);
    EXPECT_TRUE(first.Add(kMiB));
    Share second(&budget);
    EXPECT_TRUE(second.Add(2 * kMiB));
    EXPECT_EQ(budget.held(Budget::kAll), 3 * kMiB);
    first.Return(kMiB / 2);
    second.Settle(kCallOctets);
    EXPECT_EQ(budget.held(Budget::kAll), kMiB / 2 + kCallOctets);
    EXPECT_EQ(budget.held(Budget::kLarge), kMiB / 2) << "the second one is small again";
  }
  for (const auto part : {Budget::kAll, Budget::kLarge, Budget::kExplained}) {
    EXPECT_EQ(budget.held(part), 0);
  }
}

TEST(Budget, LargeCallsLeaveRoomForSmallOnes) {
  Budget budget(4 * kMiB);
  Share large(&budget);
  EXPECT_TRUE(large.Add(3 * kMiB));
  EXPECT_FALSE(large.Add(1)) << "three quarters";
  EXPECT_EQ(large.held(), 3 * kMiB) << "what it had it keeps";
  Share small(&budget);
  EXPECT_TRUE(small.Add(kSmallCall));
  EXPECT_FALSE(small.Add(1)) << "it would be large";
  EXPECT_EQ(budget.refused_calls(Budget::kLarge), 2);
  EXPECT_EQ(budget.refused_octets(Budget::kLarge), 1 + kSmallCall + 1);
  EXPECT_EQ(budget.held(Budget::kAll), 3 * kMiB + kSmallCall);
}

TEST(Budget, CallsWithExplainLeaveRoomForOthers) {
  Budget budget(4 * kMiB);
  Share first(&budget);
  EXPECT_TRUE(first.Add(kMiB));
  EXPECT_EQ(budget.held(Budget::kExplained), 0);
  EXPECT_TRUE(first.Explain());
  EXPECT_EQ(budget.held(Budget::kExplained), kMiB);
  EXPECT_TRUE(first.Borrow(kMiB));
  Share second(&budget);
  EXPECT_TRUE(second.Add(kMiB));
  EXPECT_FALSE(second.Explain()) << "half";
  EXPECT_FALSE(second.is_hopeless());
  EXPECT_EQ(budget.refused_calls(Budget::kExplained), 1);
  first.Settle(0);
  Share third(&budget);
  EXPECT_TRUE(third.Explain());
  EXPECT_FALSE(third.Add(2 * kMiB + 1));
  EXPECT_TRUE(third.is_hopeless());
}

TEST(Budget, WhatWasReservedIsUsedFirst) {
  Budget budget(4 * kMiB);
  Share share(&budget);
  EXPECT_TRUE(share.Reserve(kMiB));
  EXPECT_TRUE(share.Add(kMiB / 2));
  EXPECT_EQ(share.held(), kMiB);
  EXPECT_TRUE(share.Borrow(kMiB));
  EXPECT_EQ(share.held(), 2 * kMiB);
  share.Return(kMiB);
  EXPECT_TRUE(share.Add(kMiB));
  EXPECT_EQ(share.held(), kMiB + kMiB / 2);
}

TEST(Budget, WithoutOneEverythingIsGranted) {
  Share share(nullptr);
  EXPECT_TRUE(share.Add(int64_t{1} << 40) && share.Explain() && share.Reserve(1));
}

}  // namespace
}  // namespace fingerpost

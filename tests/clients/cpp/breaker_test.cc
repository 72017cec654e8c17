// The breaker by its clock.
#include "breaker.h"

#include <gtest/gtest.h>

namespace fingerpost {
namespace {

TEST(Breaker, LetsOneCallThroughASecond) {
  Breaker::Time now;
  Breaker breaker([&now] { return now; });
  for (int i = 0; i < Breaker::kFailuresToOpen; ++i) {
    EXPECT_TRUE(breaker.Allows());
    breaker.Failed();
  }
  EXPECT_FALSE(breaker.Allows());
  now += Breaker::kOpen + Breaker::kJitter;
  EXPECT_TRUE(breaker.Allows());
  EXPECT_FALSE(breaker.Allows());
  breaker.Failed();
  EXPECT_FALSE(breaker.Allows());
  now += Breaker::kOpen + Breaker::kJitter;
  EXPECT_TRUE(breaker.Allows());
  breaker.Answered();
  EXPECT_TRUE(breaker.Allows());
  EXPECT_TRUE(breaker.Allows());
}

}  // namespace
}  // namespace fingerpost

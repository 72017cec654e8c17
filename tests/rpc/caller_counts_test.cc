#include "rpc/caller_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace fingerpost {
namespace {

void CountTimes(CallerCounts& counts, const std::string& caller, int times) {
  for (int i = 0; i < times; ++i) counts.Count(caller);
}

std::map<std::string, uint64_t> CountersOf(CallerCounts& counts) {
  std::map<std::string, uint64_t> rows;
  for (const auto& [caller, calls] : counts.Counters()) rows[caller] = calls;
  return rows;
}

TEST(CallerCounts, FewCallersHaveAllTheirCalls) {
  CallerCounts counts;
  EXPECT_EQ(CountersOf(counts), (std::map<std::string, uint64_t>{{"other", 0}}));
  CountTimes(counts, "spiffe://a", 3);
  CountTimes(counts, "spiffe://b", 5);
  EXPECT_EQ(CountersOf(counts),
            (std::map<std::string, uint64_t>{{"spiffe://a", 3}, {"spiffe://b", 5}, {"other", 0}}));
  const auto top = counts.Top();
  ASSERT_EQ(top.size(), 2U);
  EXPECT_EQ(top[0].caller, "spiffe://b");
  EXPECT_EQ(top[0].calls, 5U);
}

TEST(CallerCounts, ALateButFrequentCallerComesIn) {
  CallerCounts counts;
  for (size_t i = 0; i < CallerCounts::kShown; ++i) counts.Count("early" + std::to_string(i));
  CountTimes(counts, "late", 100);
  EXPECT_EQ(CountersOf(counts).at("late"), 0U) << "its calls so far are in other";
  EXPECT_EQ(CountersOf(counts).at("other"), 101U) << "with those of the one that went out";
  CountTimes(counts, "late", 7);
  EXPECT_EQ(CountersOf(counts).at("late"), 7U);
  EXPECT_EQ(counts.Top().front().calls, 107U) << "the page shows all";
}

TEST(CallerCounts, WhatIsNoLabelIsOther) {
  CallerCounts counts;
  counts.Count(std::string(CallerCounts::kMaxName + 1, 'x'));
  counts.Count("\xFF");
  EXPECT_EQ(CountersOf(counts), (std::map<std::string, uint64_t>{{"other", 2}}));
}

TEST(CallerCounts, MemoryAndSeriesAreBounded) {
  CallerCounts counts;
  for (size_t i = 0; i < 3 * CallerCounts::kKnown; ++i) counts.Count("c" + std::to_string(i));
  EXPECT_EQ(counts.Counters().size(), CallerCounts::kShown + 1);
  EXPECT_EQ(counts.Top().size(), CallerCounts::kShown);
  uint64_t sum = 0;
  for (const auto& row : counts.Counters()) sum += row.calls;
  EXPECT_EQ(sum, 3 * CallerCounts::kKnown) << "no call is lost";
}

// Prometheus would take a decrease for a restart, and every rate would have a false peak.
TEST(CallerCounts, OtherNeverGoesBack) {
  CallerCounts counts;
  std::mt19937 random(3);
  std::map<std::string, uint64_t> before;
  for (int scrape = 0; scrape < 200; ++scrape) {
    for (int call = 0; call < 100; ++call) {
      // The favourites change.
      const auto caller = (std::geometric_distribution<int>(0.05)(random) + scrape / 4) % 80;
      counts.Count("c" + std::to_string(caller));
    }
    auto now = CountersOf(counts);
    uint64_t sum = 0;
    for (const auto& [caller, calls] : now) {
      sum += calls;
      if (before.contains(caller)) {
        EXPECT_GE(calls, before[caller]) << caller;
      }
    }
    EXPECT_EQ(sum, static_cast<uint64_t>(scrape + 1) * 100);
    before = std::move(now);
  }
}

}  // namespace
}  // namespace fingerpost

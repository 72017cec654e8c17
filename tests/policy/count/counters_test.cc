// The misses that are kept, and the rows that take memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "policy/count/miss_sample.h"
#include "policy/count/row_counts.h"

namespace fingerpost::policy::count {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::SizeIs;

TEST(MissSampleTest, HasNoSecretsAndIsBounded) {
  MissSample sample;
  sample.Count("https://u:p@h.example/a?token=1#f", 1);
  sample.Count("https://h.example/a?token=2", 2);
  sample.Count("admin:PW@h.example/", 2);
  sample.Count("https://h.example/" + std::string(5000, 'x'), 3);
  const auto misses = sample.Sampled();
  ASSERT_THAT(misses, SizeIs(2));
  EXPECT_EQ(misses[1].url, "https://h.example/a");
  EXPECT_EQ(misses[1].seen, 2U);
  EXPECT_EQ(misses[1].last, 2U);
  EXPECT_EQ(misses[0].url.size(), MissSample::kMaxUrl);
  EXPECT_TRUE(misses[0].url.ends_with("x..."));
  EXPECT_EQ(sample.all(), 4U);
}

TEST(MissSampleTest, LooksAtTheFirstAndThenAtOneInASecond) {
  MissSample sample;
  for (uint64_t i = 0; i < MissSample::kAtOnce; ++i) sample.Count("https://h.example/hot", 1);
  sample.Count("https://h.example/late", 1);
  EXPECT_THAT(sample.Sampled(),
              ElementsAre(AllOf(Field(&MissSample::Miss::url, "https://h.example/hot"),
                                Field(&MissSample::Miss::seen, MissSample::kAtOnce))));
  sample.Count("https://h.example/late", 2);
  EXPECT_THAT(sample.Sampled(), SizeIs(2));
  for (uint32_t i = 0; i < 2 * MissSample::kKept; ++i) {
    sample.Count("https://h.example/" + std::to_string(i), 3 + i);
  }
  const auto misses = sample.Sampled();
  EXPECT_THAT(misses, SizeIs(MissSample::kKept));
  EXPECT_EQ(misses.front().url, "https://h.example/127") << "the last seen stay";
}

TEST(RowCountsTest, PagesAreMadeWhenTheyAreHit) {
  RowCounts rows(1'000'000);
  EXPECT_EQ(rows.Read(5).hits, 0U);
  rows.Add(0, 1, 9);
  rows.Add(63, 2, 9);
  rows.Add(64, 3, 9);
  rows.Add(1'000'000, 4, 9);
  rows.Add(1'000'000, 1, 8);
  rows.Add(2'000'000, 5, 9);
  std::vector<std::pair<uint32_t, uint64_t>> seen;
  rows.ForEach([&](const RowCounts::Row& row) {
    EXPECT_EQ(row.last, 9U) << "never earlier";
    seen.emplace_back(row.line, row.hits);
  });
  EXPECT_THAT(seen, ElementsAre(std::pair(0U, 1U), std::pair(63U, 2U), std::pair(64U, 3U),
                                std::pair(1'000'000U, 5U)));
  EXPECT_EQ(rows.Read(2'000'000).hits, 0U) << "beyond the last line";
}

}  // namespace
}  // namespace fingerpost::policy::count

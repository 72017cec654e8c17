#include "core/decide/kinds.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/decide/status_facts.h"

namespace fingerpost::decide {
namespace {

std::vector<int32_t> Statuses() {
  std::vector<int32_t> statuses = {0};
  for (const StatusFacts& facts : AllStatusFacts()) statuses.push_back(facts.status);
  return statuses;
}

// How many kinds of answers have this reason.
int CountOf(v1::ReasonCode reason) {
  int kinds = 0;
  for (int outcome = 0; outcome < v1::Outcome_ARRAYSIZE; ++outcome) {
    for (int purpose = 0; purpose < v1::Purpose_ARRAYSIZE; ++purpose) {
      for (const int32_t status : Statuses()) {
        kinds += IsKind(static_cast<v1::Outcome>(outcome), static_cast<v1::Purpose>(purpose),
                        status, reason);
      }
    }
  }
  return kinds;
}

TEST(Kinds, EveryReasonIsGivenByAnAnswer) {
  EXPECT_EQ(CountOf(v1::REASON_CODE_UNSPECIFIED), 0);
  for (int i = 1; i < v1::ReasonCode_ARRAYSIZE; ++i) {
    const auto reason = static_cast<v1::ReasonCode>(i);
    EXPECT_GT(CountOf(reason), 0) << v1::ReasonCode_Name(reason);
  }
}

// The counters have 1024 places (policy/count).
TEST(Kinds, AreAFewHundred) {
  int kinds = 0;
  for (int i = 0; i < v1::ReasonCode_ARRAYSIZE; ++i)
    kinds += CountOf(static_cast<v1::ReasonCode>(i));
  EXPECT_LT(kinds, 600);
}

TEST(Kinds, ReasonFixesOutcomeStatusAndPurpose) {
  EXPECT_TRUE(IsKind(v1::OUTCOME_REDIRECT, v1::PURPOSE_PERMANENT_MOVE, 308,
                     v1::REASON_CODE_PERMANENT_MOVE));
  EXPECT_TRUE(
      IsKind(v1::OUTCOME_REDIRECT, v1::PURPOSE_UNSPECIFIED, 301, v1::REASON_CODE_PERMANENT_MOVE))
      << "for an old client";
  EXPECT_TRUE(IsKind(v1::OUTCOME_REFUSE, v1::PURPOSE_GONE, 0, v1::REASON_CODE_LOOP));
  EXPECT_FALSE(
      IsKind(v1::OUTCOME_RESPOND, v1::PURPOSE_PERMANENT_MOVE, 308, v1::REASON_CODE_PERMANENT_MOVE));
  EXPECT_FALSE(IsKind(v1::OUTCOME_REDIRECT, v1::PURPOSE_GONE, 308, v1::REASON_CODE_PERMANENT_MOVE));
  EXPECT_FALSE(IsKind(v1::OUTCOME_REDIRECT, v1::PURPOSE_PERMANENT_MOVE, 302,
                      v1::REASON_CODE_PERMANENT_MOVE));
  EXPECT_FALSE(
      IsKind(v1::OUTCOME_REDIRECT, v1::PURPOSE_PERMANENT_MOVE, 0, v1::REASON_CODE_PERMANENT_MOVE));
  EXPECT_FALSE(IsKind(v1::OUTCOME_PASS, v1::PURPOSE_UNSPECIFIED, 0, v1::REASON_CODE_LOOP));
  EXPECT_FALSE(IsKind(v1::OUTCOME_RESPOND, v1::PURPOSE_UNSPECIFIED, 599, v1::REASON_CODE_GONE));
}

}  // namespace
}  // namespace fingerpost::decide

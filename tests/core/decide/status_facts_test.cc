#include "core/decide/status_facts.h"

#include <gmock/gmock.h>

#include <set>

namespace fingerpost::decide {
namespace {

TEST(StatusFacts, AreInOrder) {
  int last = 0;
  for (const StatusFacts& facts : AllStatusFacts()) {
    EXPECT_GT(facts.status, last);
    last = facts.status;
    EXPECT_TRUE(facts.line.starts_with(std::to_string(facts.status) + " ")) << facts.status;
    // RFC 9110 §15.1, RFC 7725 §3.
    const std::set<int> heuristic = {200, 300, 301, 308, 404, 405, 410, 451};
    EXPECT_EQ(facts.heuristically_cacheable, heuristic.contains(facts.status)) << facts.status;
    EXPECT_FALSE(facts.processed && facts.may_be_repeated) << facts.status;
  }
  EXPECT_EQ(FindStatusFacts(304), nullptr);
}

}  // namespace
}  // namespace fingerpost::decide

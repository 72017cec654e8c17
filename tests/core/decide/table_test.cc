#include "core/decide/table.h"

#include <gmock/gmock.h>

#include <set>

#include "core/decide/status_facts.h"

namespace fingerpost::decide {
namespace {

using testing::Contains;

// Every purpose has an answer on every method, and every status has its facts.
TEST(Table, IsComplete) {
  std::set<v1::Purpose> answered[2];
  for (const Row& row : Table()) {
    EXPECT_NE(FindStatusFacts(row.status), nullptr) << row.status;
    EXPECT_TRUE(row.pin == 0 || FindStatusFacts(row.pin) != nullptr) << row.pin;
    EXPECT_FALSE(row.ruling.sentence.empty());
    EXPECT_FALSE(row.ruling.citations[0].empty()) << row.ruling.sentence;
    const bool last = row.when == Condition::kAlways || row.when == Condition::kExpired;
    if (last && row.methods != MethodClass::kOther) answered[0].insert(row.purpose);
    if (last && row.methods != MethodClass::kPage) answered[1].insert(row.purpose);
    // RFC 9110 §15.4.2, §15.4.3: clients disagree about them on other methods.
    const bool old = row.status == 301 || row.status == 302;
    EXPECT_TRUE(!old || row.methods == MethodClass::kPage) << row.status;
  }
  for (int i = 1; i < v1::Purpose_ARRAYSIZE; ++i) {
    const auto purpose = static_cast<v1::Purpose>(i);
    EXPECT_THAT(answered[0], Contains(purpose)) << v1::Purpose_Name(purpose);
    EXPECT_THAT(answered[1], Contains(purpose)) << v1::Purpose_Name(purpose);
  }
}

}  // namespace
}  // namespace fingerpost::decide

#include "core/message/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace fingerpost::message {
namespace {

using ::testing::EndsWith;

TEST(Faults, BecomeAnErrorThatNamesTheFirst) {
  Faults faults;
  EXPECT_TRUE(faults.empty());
  faults.Error("request.method", "required");
  EXPECT_EQ(ToError(faults).message(), "request.method: required");
  faults.Error(Place(), "expected an object");
  const v1::Error error = ToError(faults);
  EXPECT_EQ(error.code(), "INVALID_ARGUMENT");
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_INVALID_FIELDS);
  EXPECT_EQ(error.message(), "request.method: required (and 1 more)");
  ASSERT_EQ(error.violations_size(), 2);
  EXPECT_EQ(error.violations(1).field(), "");
  EXPECT_EQ(error.violations(1).description(), "expected an object");
}

TEST(Faults, AreAllCountedAndTheFirstAreKept) {
  Faults faults(3);
  const Place rules("rules");
  for (int i = 0; i < 5; ++i) faults.Error(rules[i], "is wrong");
  faults.Warning(rules[7], "is odd");
  EXPECT_EQ(faults.errors(), 5U);
  EXPECT_TRUE(faults.full());
  ASSERT_EQ(faults.list().size(), 4U) << "no number of errors hides a warning";
  EXPECT_EQ(ToString(faults.list()[2].path), "rules[2]");
  EXPECT_EQ(ToString(faults.list()[3]), ": warning: rules[7]: is odd");
  EXPECT_THAT(ToError(faults).message(), EndsWith("(and 4 more)"));
  EXPECT_TRUE(faults.Has(rules[2]));
  EXPECT_FALSE(faults.Has(rules[3]));
}

TEST(Faults, OneThatIsInsertedTakesThePlaceOfTheLast) {
  Faults faults(2);
  faults.Error("a", "first");
  faults.Error("b", "second");
  faults.Insert(0, "c", "before them");
  faults.Insert(2, "d", "beyond");
  EXPECT_EQ(faults.errors(), 4U);
  ASSERT_EQ(faults.list().size(), 2U);
  EXPECT_EQ(faults.list()[0].what, "before them");
  EXPECT_EQ(faults.list()[1].what, "first");
}

TEST(Fault, IsALineWithItsPosition) {
  const Fault fault{.path = Place("rules").ToPath(),
                    .what = "is empty",
                    .file = "shop.yaml",
                    .position = {.line = 12, .column = 5}};
  EXPECT_EQ(ToString(fault), "shop.yaml:12:5: rules: is empty");
  EXPECT_EQ(ToString({.path = {}, .what = "is gone", .file = "shop.yaml"}), "shop.yaml: is gone");
}

}  // namespace
}  // namespace fingerpost::message

#include "policy/lint/regex_sample.h"

#include <gtest/gtest.h>

#include <string>

namespace fingerpost::policy::lint {
namespace {

std::string Sample(const char* regex, Optional optional = Optional::kThere) {
  return SampleOf(RE2(regex), optional).value_or("none");
}

TEST(RegexSample, MatchesTheExpression) {
  EXPECT_EQ(Sample("/a(.*)"), "/ax");
  EXPECT_EQ(Sample("/a(.*)", Optional::kLeftOut), "/a");
  EXPECT_EQ(Sample("/p/(?P<id>[0-9]{3,})(?:/(?i)new)?"), "/p/111/new");
  EXPECT_EQ(Sample("/p/(?P<id>[0-9]{3,})(?:/new)?", Optional::kLeftOut), "/p/111");
  EXPECT_EQ(Sample("/(news|blog)/\\d+\\.html$"), "/news/1.html");
  EXPECT_EQ(Sample("/[^/x]+"), "/1");
  EXPECT_EQ(Sample("/a+?b??"), "/ab");
}

TEST(RegexSample, KnowsNoneForWhatIsTooOdd) {
  EXPECT_EQ(Sample("\\Qa.b\\E"), "none");
  EXPECT_EQ(Sample("é"), "é");
  EXPECT_EQ(Sample("/a\\bb"), "none");
}

}  // namespace
}  // namespace fingerpost::policy::lint

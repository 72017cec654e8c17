#include "policy/target_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fingerpost {
namespace {

const std::vector<std::string> kNames = {"1", "name"};

std::string Expand(std::string_view target, std::vector<std::string_view> captures) {
  std::string what;
  const auto compiled = TargetTemplate::Compile(target, kNames, std::nullopt, what);
  return compiled ? compiled->Expand(captures) : what;
}

std::string ExpandRest(std::string_view target, std::string_view rest) {
  std::string what;
  const std::vector<std::string> names = {"rest"};
  const auto compiled = TargetTemplate::Compile(target, names, 0, what);
  return compiled ? compiled->Expand(std::vector<std::string_view>{rest}) : what;
}

TEST(TargetTemplate, FillsInCaptures) {
  EXPECT_EQ(Expand("/articles/{1}/{name}?from={1}#{name}", {"7", "b"}), "/articles/7/b?from=7#b");
  EXPECT_EQ(Expand("https://new.example/{1}", {"a/b", ""}), "https://new.example/a/b");
  EXPECT_EQ(Expand("/plain", {"", ""}), "/plain");
}

TEST(TargetTemplate, KeepsTheSpellingOfThePath) {
  EXPECT_EQ(Expand("/w/{1}", {"Foo_(bar),%20x%2Fy", ""}), "/w/Foo_(bar),%20x%2Fy");
}

TEST(TargetTemplate, ACaptureCannotAddQueryParameters) {
  EXPECT_EQ(Expand("/s?q={1}", {"a&admin=1+x;y", ""}), "/s?q=a%26admin%3D1%2Bx%3By");
}

TEST(TargetTemplate, ACaptureCannotBecomeAHost) {
  EXPECT_EQ(Expand("/{1}", {"/evil.example/a", ""}), "/evil.example/a");
  EXPECT_EQ(Expand("/{1}{name}", {"", "//evil.example"}), "/evil.example");
  EXPECT_EQ(ExpandRest("/{rest}", "/a"), "/a");
  for (const char* target :
       {"{1}", "{1}/a", "//{1}/a", "https://{1}/a", "https://a.example{1}", "https:{1}",
        "https://a.example:{1}/", "h{1}ttps://a/", "a/{1}", "\\\\{1}", "/\\{1}", "https:///{1}",
        "https:/\\/{1}", "/\t/{1}", " //{1}", "https:/{1}", "javascript://x/{1}"}) {
    EXPECT_THAT(Expand(target, {"x", "y"}), ::testing::HasSubstr("could choose")) << target;
  }
}

TEST(TargetTemplate, TheRestOfAPrefixMayFollowAHost) {
  EXPECT_EQ(ExpandRest("https://new.example{rest}", "/a/b"), "https://new.example/a/b");
  EXPECT_EQ(ExpandRest("https://new.example{rest}", ""), "https://new.example");
  EXPECT_EQ(ExpandRest("/new{rest}", ""), "/new");
  EXPECT_EQ(ExpandRest("/new{rest}", "/a"), "/new/a");
  EXPECT_EQ(ExpandRest("/new/{rest}", "/a"), "/new/a");
}

TEST(TargetTemplate, NamesWhatIsMissing) {
  EXPECT_EQ(Expand("/a/{2}", {"x", "y"}),
            "{2} is not captured by the rule's match; expected one of {1}, {name}");
}

TEST(TargetTemplate, OtherBracesAreText) {
  EXPECT_EQ(Expand("/{}/{a b}/{+1}/{", {"x/y", ""}), "/{}/{a b}/x/y/{");
}

}  // namespace
}  // namespace fingerpost

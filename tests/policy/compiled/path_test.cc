#include "policy/compiled/path.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

namespace fingerpost::policy::compiled {
namespace {

TEST(Path, HasOneSpelling) {
  std::string buffer;
  EXPECT_EQ(NormalPath("/a%2fb", buffer), "/a%2Fb");
  EXPECT_EQ(NormalPath("/%61%7E%2D", buffer), "/a~-");
  EXPECT_EQ(NormalPath("/caf%c3%a9", buffer), "/caf%C3%A9");
  EXPECT_EQ(NormalPath("/100%", buffer), "/100%");
  EXPECT_EQ(NormalPath("/100%2", buffer), "/100%2");
  EXPECT_EQ(NormalPath("/%zz%41", buffer), "/%zzA");
  EXPECT_EQ(NormalPath("/%2541", buffer), "/%2541") << "decoded once";
  EXPECT_EQ(NormalPath("/plain", buffer), "/plain");
}

TEST(Path, OfAnAuthorIsReadAsThatOfARequest) {
  EXPECT_EQ(ParsePath("/a b"), "/a%20b");
  EXPECT_EQ(ParsePath("/café"), "/caf%C3%A9");
  EXPECT_EQ(ParsePath("/a/../b/./c"), "/b/c");
  EXPECT_EQ(ParsePath("//a"), "//a") << "a path, not a host";
  EXPECT_EQ(ParsePath("/"), "/");
  EXPECT_EQ(ParsePath("/a*b"), "/a*b");
  EXPECT_EQ(ParsePath(""), std::nullopt);
  EXPECT_EQ(ParsePath("a"), std::nullopt);
  EXPECT_EQ(ParsePath("/a?b"), std::nullopt);
  EXPECT_EQ(ParsePath("/a#b"), std::nullopt);
  EXPECT_EQ(ParsePath("/a\tb"), std::nullopt) << "the URL parser would drop it";
}

TEST(Path, GlobsMatchSegments) {
  const auto matches = [](std::string_view glob, const char* path) {
    return RE2::FullMatch(path, GlobToRegex(glob));
  };
  EXPECT_TRUE(matches("/blog/*/comments", "/blog/7/comments"));
  EXPECT_FALSE(matches("/blog/*/comments", "/blog/7/8/comments"));
  EXPECT_TRUE(matches("/blog/**", "/blog/7/8"));
  EXPECT_TRUE(matches("/*.html", "/a.html"));
  EXPECT_FALSE(matches("/*.html", "/aXhtml")) << "what is not a star stands for itself";
  EXPECT_FALSE(matches("/blog/**", "/blog"));
}

}  // namespace
}  // namespace fingerpost::policy::compiled

#include "policy/resolve/nearest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Nearest(const compiled::SnapshotPtr& policy, const std::string& url) {
  std::vector<std::string> out;
  for (const Near& near : NearestTo(*policy, Get(url))) out.push_back(near.id + " " + near.why);
  return out;
}

TEST(Nearest, SaysWhyEachDidNotMatch) {
  const auto policy = Load(R"yaml(
rules:
  - {id: beta, match: {path: /form, fields: [{name: X-Beta}]}, intent: {purpose: gone}}
  - {id: other, match: {path: /form, hosts: [www.example.com]}, intent: {purpose: gone}}
  - {id: about, match: {path: /About}, intent: {purpose: gone}}
  - {id: slash, match: {path: /team/}, intent: {purpose: gone}}
  - {id: docs, match: {path_prefix: /docs}, intent: {purpose: gone}}
  - {id: glob, match: {path_glob: "/shop/*/"}, intent: {purpose: gone}}
)yaml");
  EXPECT_THAT(Nearest(policy, "https://h.example/form"),
              ElementsAre("other is for other hosts (www.example.com)"));
  EXPECT_THAT(Nearest(policy, "https://h.example/about"),
              ElementsAre("about has the path in other letters (/About): case: insensitive would "
                          "take both"));
  EXPECT_THAT(Nearest(policy, "https://h.example/team"),
              ElementsAre("slash has the path with another last slash (/team/): trailing_slash: "
                          "either would take both"));
  EXPECT_THAT(Nearest(policy, "https://h.example/tema/"),
              ElementsAre("slash has a path that differs in one letter (/team/)"));
  EXPECT_THAT(Nearest(policy, "https://h.example/dosc/a/b"),
              ElementsAre("docs has a path that differs in one letter (/docs)"));
  EXPECT_THAT(Nearest(policy, "https://h.example/nothing"), IsEmpty());
}

TEST(Nearest, OfManyTheFirstFive) {
  std::string text = "rules:\n";
  for (int i = 0; i < 9; ++i) {
    text += "  - {id: r" + std::to_string(i) + ", match: {path: /page" + std::to_string(i) +
            "}, intent: {purpose: gone}}\n";
  }
  EXPECT_EQ(Nearest(Load(text), "https://h.example/page").size(), kMostNear);
}

}  // namespace
}  // namespace fingerpost::policy::resolve

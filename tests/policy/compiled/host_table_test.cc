#include "policy/compiled/host_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fingerpost::policy::compiled {
namespace {

using ::testing::ElementsAre;

TEST(HostTable, TheMostSpecificComesFirst) {
  HostTable table;
  const HostId exact = table.Add("a.shop.example");
  const HostId shop = table.Add(".shop.example");
  const HostId top = table.Add(".example");
  EXPECT_EQ(table.Add(".shop.example"), shop) << "one number for one pattern";
  HostIds found;
  table.Match("a.shop.example", found);
  EXPECT_THAT(found, ElementsAre(exact, shop, top, kAnyHost));
  table.Match("shop.example", found);
  EXPECT_THAT(found, ElementsAre(shop, top, kAnyHost)) << "the domain itself, too";
  table.Match("evilshop.example", found);
  EXPECT_THAT(found, ElementsAre(top, kAnyHost)) << "split at a dot";
  table.Match("a.shop.example.", found);
  EXPECT_THAT(found, ElementsAre(exact, shop, top, kAnyHost)) << "the root's dot";
  table.Match("example.org", found);
  EXPECT_THAT(found, ElementsAre(kAnyHost));
  table.Match("", found);
  EXPECT_THAT(found, ElementsAre(kAnyHost));
}

TEST(HostTable, SubdomainsComeBeforeTheDomain) {
  HostTable table;
  const HostId below = table.Add("*.shop.example");
  const HostId shop = table.Add(".shop.example");
  const HostId exact = table.Add("a.shop.example");
  const HostId top = table.Add("*.example");
  EXPECT_EQ(table.Add("*.shop.example"), below);
  HostIds found;
  table.Match("a.shop.example", found);
  EXPECT_THAT(found, ElementsAre(exact, below, shop, top, kAnyHost));
  table.Match("b.a.shop.example.", found);
  EXPECT_THAT(found, ElementsAre(below, shop, top, kAnyHost));
  table.Match("shop.example", found);
  EXPECT_THAT(found, ElementsAre(shop, top, kAnyHost)) << "not the domain itself";
  table.Match("example", found);
  EXPECT_THAT(found, ElementsAre(kAnyHost));
}

TEST(HostPattern, OfAMatchMayHaveAStarForTheFirstLabels) {
  EXPECT_EQ(ParseMatchHost("*.Shop.Example"), "*.shop.example");
  EXPECT_EQ(ParseMatchHost(".shop.example"), ".shop.example");
  for (const char* text : {"*", "*.", "*shop.example", "a.*.example", "*.*.example", "**.example",
                           "*.127.0.0.1", "*.1", "*..example/", "*.example:80"}) {
    EXPECT_EQ(ParseMatchHost(text), std::nullopt) << text;
  }
}

TEST(HostPattern, IsSpeltAsTheUrlParserSpellsHosts) {
  EXPECT_EQ(ParseHostPattern("Shop.Example"), "shop.example");
  EXPECT_EQ(ParseHostPattern(".Shop.Example"), ".shop.example");
  EXPECT_EQ(ParseHostPattern("bücher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(ParseHostPattern("127.1"), "127.0.0.1");
  // An absolute name (RFC 1034 §3.1).
  EXPECT_EQ(ParseHostPattern("shop.example."), "shop.example");
  EXPECT_EQ(ParseHostPattern(".shop.example."), ".shop.example");
  EXPECT_EQ(ParseHostPattern(".."), std::nullopt);
  EXPECT_EQ(ParseHostPattern("[::1]"), "[::1]");
}

TEST(HostPattern, RefusesWhatCanNeverMatch) {
  for (const char* text : {"", ".", "*.example.com", "https://example.com", "example.com/", "a b",
                           "example.com:443", "example.com:80", "user@example.com", ".127.0.0.1",
                           "exa\tmple.com", "example.com?", "%65xample.com", "[::1]:80"}) {
    EXPECT_EQ(ParseHostPattern(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace fingerpost::policy::compiled

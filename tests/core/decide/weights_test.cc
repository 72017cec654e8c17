// Weighted targets: the target that a key draws is part of the API. The expected draws come from
// another implementation of XXH64 and of StickyKey's comment.
#include "core/decide/weights.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "core/decide/asking.h"

namespace fingerpost::decide {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::Intent Weighted(const std::vector<uint32_t>& weights) {
  v1::Intent intent;
  for (const uint32_t weight : weights) intent.add_weighted_targets()->set_weight(weight);
  return intent;
}

TEST(Weights, DrawsArePinned) {
  struct Draw {
    std::string salt, key;
    int of_90_10, of_64, of_0_5_0_5;
  };
  const std::vector<Draw> draws = {
      {"", "", 1, 58, 3},
      {"", "account 7", 0, 35, 3},
      {"rule-7", "account 7", 0, 35, 3},
      {"rule-7", "a much longer key than thirty-two octets, to be hashed in stripes", 0, 55, 3},
      {"", "\xE2\x82\xAC", 0, 6, 1},
  };
  for (const Draw& draw : draws) {
    EXPECT_EQ(DrawTarget(Weighted({90, 10}), draw.salt, draw.key), draw.of_90_10) << draw.key;
    EXPECT_EQ(DrawTarget(Weighted(std::vector<uint32_t>(64, 1)), draw.salt, draw.key), draw.of_64);
    EXPECT_EQ(DrawTarget(Weighted(std::vector<uint32_t>(64, 1000000)), draw.salt, draw.key),
              draw.of_64);
    EXPECT_EQ(DrawTarget(Weighted({0, 5, 0, 5}), draw.salt, draw.key), draw.of_0_5_0_5);
  }
}

TEST(Weights, NinetyToTenIsNinetyToTen) {
  for (const std::string salt : {"", "spring-sale"}) {
    int second = 0;
    for (int i = 0; i < 10000; ++i) {
      second += DrawTarget(Weighted({90, 10}), salt, "account-" + std::to_string(i));
    }
    EXPECT_NEAR(second, 1000, 100) << salt;
  }
}

// Another rule splits the same clients differently.
TEST(Weights, SaltsAreIndependent) {
  int both = 0;
  for (int i = 0; i < 10000; ++i) {
    const std::string key = "account-" + std::to_string(i);
    both += DrawTarget(Weighted({50, 50}), "a", key) & DrawTarget(Weighted({50, 50}), "b", key);
  }
  EXPECT_NEAR(both, 2500, 250);
}

constexpr char kSplit[] =
    "request { method: 'GET' url: 'https://shop.example.com/' } "
    "intent { purpose: PURPOSE_REROUTE weighted_targets { target: '/a' weight: 1 } "
    "weighted_targets { target: '/b' weight: 1 } }";

TEST(Weights, FieldKeyIsInVaryAndPrivate) {
  const auto answer = Ask({kSplit,
                           "request { headers { name: 'x-account' value: 'account 7' } } "
                           "intent { sticky_key { field: 'X-Account' } }"});
  EXPECT_EQ(FieldOf(answer, "Location"), "/b");
  EXPECT_EQ(FieldOf(answer, "Cache-Control"), "private, no-cache");
  EXPECT_EQ(FieldOf(answer, "Vary"), "Accept, X-Account");
}

TEST(Weights, CookieKeyIsInVaryAndPrivate) {
  const auto answer = Ask({kSplit,
                           "request { headers { name: 'Cookie' value: 'a=b; bucket=account 7' } } "
                           "intent { sticky_key { cookie: 'bucket' } "
                           "cache { max_age { seconds: 60 } shared_max_age { seconds: 60 } "
                           "visibility: VISIBILITY_PUBLIC } }"});
  EXPECT_EQ(FieldOf(answer, "Location"), "/b");
  EXPECT_EQ(FieldOf(answer, "Cache-Control"), "private, max-age=60");
  EXPECT_EQ(FieldOf(answer, "Vary"), "Accept, Cookie");
  EXPECT_THAT(WarningsOf(answer), ElementsAre(v1::WARNING_CODE_CACHE_WISH_IGNORED));
}

TEST(Weights, TextKeyIsNotStored) {
  const auto answer = Ask({kSplit, "intent { sticky_key { text: 'account 7' } }"});
  EXPECT_EQ(FieldOf(answer, "Location"), "/b");
  EXPECT_EQ(FieldOf(answer, "Cache-Control"), "no-store");
  EXPECT_EQ(FieldOf(answer, "Vary"), "<none>");
  EXPECT_THAT(WarningsOf(answer), IsEmpty());
}

TEST(Weights, WithheldKeyIsAFault) {
  EXPECT_THAT(Faults({kSplit,
                      "request { headers { name: 'X-Account' } } "
                      "intent { sticky_key { field: 'X-Account' } }"}),
              ElementsAre("request.headers[0].value: required: intent.sticky_key reads it"));
}

}  // namespace
}  // namespace fingerpost::decide

// What `explain` adds to an answer.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "core/decide/asking.h"

namespace fingerpost::decide {
namespace {

using testing::ElementsAre;

TEST(Explanation, ShowsGuardsRulesFactsAndForecasts) {
  const auto answer =
      Ask("request { method: 'POST' url: 'https://a.test/orders' body: BODY_REPLAYABLE } intent { "
          "purpose: "
          "PURPOSE_RESOURCE_CREATED target: '/orders/1' } explain: true");
  std::vector<std::string> rules;
  for (const auto& step : answer.explanation().trace()) {
    rules.push_back((step.matched() ? "+" : "-") + step.rule());
    EXPECT_FALSE(step.detail().empty()) << step.rule();
  }
  EXPECT_THAT(rules,
              ElementsAre("-guard.cors_preflight", "-guard.method_not_redirectable",
                          "-guard.websocket_handshake", "-guard.grpc_call", "+client.unknown",
                          "+table.resource_created", "-protocol.legacy", "-protocol.http_1_0",
                          "-safety.target", "-safety.loop", "+cache.no_store"));
  EXPECT_EQ(answer.explanation().facts().status(), 303);
  EXPECT_EQ(answer.explanation().facts().phrase(), "See Other");
  EXPECT_TRUE(answer.explanation().facts().processed());
  ASSERT_GT(answer.explanation().forecasts_size(), 0);
  EXPECT_EQ(answer.explanation().forecasts(0).profile(), v1::PROFILE_STRICT);
  EXPECT_EQ(answer.explanation().forecasts(0).next().method(), "GET");
  EXPECT_EQ(answer.explanation().forecasts(0).next().url(), "https://a.test/orders/1");
}

TEST(Explanation, IsAbsentUnlessAskedFor) {
  EXPECT_FALSE(
      Ask("request { method: 'GET' url: 'https://a.test/' } intent { purpose: PURPOSE_GONE }")
          .has_explanation());
}

}  // namespace
}  // namespace fingerpost::decide

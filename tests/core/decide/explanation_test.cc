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

// The values of the request's fields are not the client's doing, and as long as the caller likes.
TEST(Explanation, AForecastHasTheValuesThatTheClientWrites) {
  const auto answer =
      Ask("request { method: 'POST' url: 'https://a.test/orders' body: BODY_REPLAYABLE "
          "  headers { name: 'X-Id' value: '7' } headers { name: 'X-Id' value: '8' } } "
          "intent { purpose: PURPOSE_FORM_RESULT target: '/orders/1' } explain: true");
  for (const v1::Forecast& forecast : answer.explanation().forecasts()) {
    if (forecast.profile() != v1::PROFILE_GO) continue;
    ASSERT_EQ(forecast.next().headers_size(), 3);
    EXPECT_EQ(forecast.next().headers(0).name(), "X-Id");
    EXPECT_EQ(forecast.next().headers(0).content_case(), v1::Header::CONTENT_NOT_SET);
    EXPECT_EQ(forecast.next().headers(1).content_case(), v1::Header::CONTENT_NOT_SET);
    EXPECT_EQ(forecast.next().headers(2).name(), "Referer");
    EXPECT_EQ(forecast.next().headers(2).value(), "https://a.test/orders");
    return;
  }
  FAIL() << "no forecast for Go";
}

TEST(Explanation, IsAbsentUnlessAskedFor) {
  EXPECT_FALSE(
      Ask("request { method: 'GET' url: 'https://a.test/' } intent { purpose: PURPOSE_GONE }")
          .has_explanation());
}

}  // namespace
}  // namespace fingerpost::decide

// Without room or memory the gateway goes on: the site must not need this service.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "policy/load/default_policy.h"
#include "rpc/budget.h"
#include "rpc/failing_memory.h"
#include "server/gateway/gateway.h"

namespace fingerpost {
namespace {

HttpCall AskedCall(const std::vector<std::string>& nobody) {
  static constexpr std::string_view kTarget = "/v1/gateway/a/path/that/is/no/short/string";
  return {
      .method = "GET",
      .target = kTarget,
      .path = kTarget,
      .query = {},
      .body = {},
      .peer = "192.0.2.1:4242",
      .caller = nobody,
      .field = [](std::string_view name) -> std::string_view {
        return name == "Host" ? "a.host.that.is.no.short.string.example" : "";
      },
      .each_field = [](const auto& visit) { visit("Accept", "a value that is no short string"); }};
}

std::string OutcomeOf(const HttpAnswer& answer) {
  for (const auto& [name, value] : answer.fields) {
    if (name == "Fingerpost-Outcome") return value;
  }
  return {};
}

TEST(GatewayMemory, ACallWithoutRoomGoesOn) {
  const policy::load::Store policy(policy::load::DefaultPolicy());
  const RedirectService service(policy, Limits{});
  Budget budget(1);
  Gateway gateway(service, {.name = "gateway", .method = Method::kGateway, .budget = &budget},
                  "http", 299);
  const std::vector<std::string> nobody;
  const HttpAnswer answer = gateway.Answer(AskedCall(nobody));
  EXPECT_EQ(answer.status, 299);
  EXPECT_EQ(OutcomeOf(answer), "unavailable");
  EXPECT_EQ(gateway.counts().by_passage[static_cast<size_t>(Passage::kUnavailable)], 1U);
}

TEST(GatewayMemory, AnAllocationThatFailsGoesOn) {
  const policy::load::Store policy(policy::load::DefaultPolicy());
  const RedirectService service(policy, Limits{});
  Budget budget(int64_t{64} << 20);
  Gateway gateway(service, {.name = "gateway", .method = Method::kGateway, .budget = &budget},
                  "http", 299);
  const std::vector<std::string> nobody;
  int failed = 0;
  int answered = 0;
  const HttpCall call = AskedCall(nobody);
#ifdef FINGERPOST_SANITIZE
  // See json_memory_test.cc.
  EXPECT_EQ(gateway.Answer(call).status, 299);
#endif
  for (int n = 1; answered < 2; ++n) {
    failing_memory::has_failed = false;
    failing_memory::to_go = n;
    failing_memory::is_here = true;
    const HttpAnswer answer = gateway.Answer(call);
    failing_memory::is_here = false;
    (failing_memory::has_failed ? failed : answered) += 1;
    EXPECT_EQ(answer.status, 299) << n;
    EXPECT_NE(OutcomeOf(answer), "unreadable") << n;
  }
  EXPECT_GT(failed, 10);
  EXPECT_EQ(budget.held(Budget::kAll), 0);
}

}  // namespace
}  // namespace fingerpost

// Each allocation of a call over HTTP/JSON fails in turn: only that call fails.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/load/default_policy.h"
#include "rpc/budget.h"
#include "rpc/failing_memory.h"
#include "server/json_bridge.h"

namespace fingerpost {
namespace {

TEST(JsonMemory, AnAllocationThatFailsIsAnErrorOfThatCall) {
  const std::string question =
      R"({"request":{"method":"POST","url":"https://a.example/a/path/that/is/no/short/string"},)"
      R"("intent":{"purpose":"FORM_RESULT","target":"/a/target/that/is/no/short/string"},)"
      R"("explain":true})";
  const policy::load::Store policy(policy::load::DefaultPolicy());
  const RedirectService service(policy, Limits{});
  Budget budget(int64_t{64} << 20);
  const JsonBridge bridge(service, {.allow_callers = {}, .budget = &budget});
  const std::vector<std::string> nobody;
  int failed = 0;
  int answered = 0;
  const auto ask = [&] {
    HttpCall call{.method = "POST",
                  .path = "/v1/decide",
                  .query = {},
                  .body = question,
                  .peer = "192.0.2.1:4242",
                  .caller = nobody,
                  .field = [](std::string_view) { return std::string_view("application/json"); }};
    return bridge.Answer(call);
  };
#ifdef FINGERPOST_SANITIZE
  // protobuf reads its descriptors by pthread_once, which an exception leaves locked for ever under
  // ThreadSanitizer, but not in libc.
  EXPECT_EQ(ask().status, 200);
#endif
  for (int n = 1; answered < 2; ++n) {
    failing_memory::has_failed = false;
    failing_memory::to_go = n;
    failing_memory::is_here = true;
    const HttpAnswer answer = ask();
    failing_memory::is_here = false;
    if (failing_memory::has_failed) {
      ++failed;
      EXPECT_TRUE(answer.status == 429 || answer.status == 200) << n << ": " << answer.body;
    } else {
      ++answered;
      EXPECT_EQ(answer.status, 200);
    }
  }
  EXPECT_GT(failed, 100);
  EXPECT_EQ(budget.held(Budget::kAll), 0);
}

}  // namespace
}  // namespace fingerpost

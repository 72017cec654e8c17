// The breaker, and the answers without a service against client/fallback.json.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "breaker.h"
#include "fallback.h"

namespace fingerpost {
namespace {

TEST(Breaker, LetsOneCallThroughASecond) {
  Breaker::Time now;
  Breaker breaker([&now] { return now; });
  for (int i = 0; i < Breaker::kFailuresToOpen; ++i) {
    EXPECT_TRUE(breaker.Allows());
    breaker.Failed();
  }
  EXPECT_FALSE(breaker.Allows());
  now += Breaker::kOpen + Breaker::kJitter;
  EXPECT_TRUE(breaker.Allows());
  EXPECT_FALSE(breaker.Allows());
  breaker.Failed();
  EXPECT_FALSE(breaker.Allows());
  now += Breaker::kOpen + Breaker::kJitter;
  EXPECT_TRUE(breaker.Allows());
  breaker.Answered();
  EXPECT_TRUE(breaker.Allows());
  EXPECT_TRUE(breaker.Allows());
}

TEST(Fallback, IsTheTable) {
  std::ifstream file(FINGERPOST_TESTS_DIR "/../client/fallback.json");
  const auto table = nlohmann::json::parse(file);
  ASSERT_EQ(table["purposes"].size(), 3U);
  for (const auto& [name, row] : table["purposes"].items()) {
    for (const char* method : {"GET", "HEAD", "POST", "DELETE"}) {
      const auto& methods = table["page_methods"];
      const bool safe = std::find(methods.begin(), methods.end(), method) != methods.end();
      v1::DecideRequest question;
      question.mutable_request()->set_method(method);
      v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
      ASSERT_TRUE(v1::Purpose_Parse(name, &purpose));
      question.mutable_intent()->set_purpose(purpose);
      question.mutable_intent()->set_target("/x?y#z");
      v1::DecideResponse answer;
      ASSERT_TRUE(FallBack(question, answer)) << name;
      EXPECT_EQ(answer.status(), row[safe ? "safe" : "unsafe"]["status"]);
      EXPECT_EQ(answer.headers(0).value(), "/x?y#z");
      EXPECT_EQ(answer.headers(1).value(), row[safe ? "safe" : "unsafe"]["cache_control"]);
    }
  }
}

}  // namespace
}  // namespace fingerpost

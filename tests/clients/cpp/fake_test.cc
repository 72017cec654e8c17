// The fake answers by a policy of the test's own, as the service would.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "fingerpost/client.h"
#include "fingerpost/testing.h"
#include "server/daemon.h"
#include "told.h"

namespace fingerpost::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kPolicy[] = R"(
intents:
  order: {intent: {purpose: form_result, target: "/orders/{id}"}, parameters: {id: {type: integer}}}
rules:
  - {id: tea, match: {path: /tea}, intent: {purpose: permanent_move, target: /teas}}
)";

v1::DecideRequest Named(const std::string& id) {
  v1::DecideRequest question;
  question.mutable_request()->set_method("POST");
  question.set_intent_name("order");
  (*question.mutable_parameters())["id"] = id;
  return question;
}

TEST(Fake, AnswersAsTheService) {
  const Daemon daemon;
  const Connection real(daemon.address(), Transport::Plaintext());
  const FakeAnswerer fake;
  v1::DecideRequest question = Order();
  question.mutable_now()->set_seconds(1'767'225'600);
  question.set_draw(0);
  v1::DecideResponse answer, faked;
  v1::Error error;
  ASSERT_TRUE(real.Decide(question, answer, error, {.timeout = std::chrono::seconds(30)}))
      << error.ShortDebugString();
  ASSERT_TRUE(fake.Decide(question, faked, error)) << error.ShortDebugString();
  answer.clear_policy_version();
  faked.clear_policy_version();
  EXPECT_EQ(faked.SerializeAsString(), answer.SerializeAsString());
}

TEST(Fake, AnswersByItsPolicy) {
  const auto fake = std::make_shared<FakeAnswerer>(kPolicy);
  const Client client(fake);
  Decision decision;
  v1::Error error;
  ASSERT_TRUE(client.Decide(Named("7"), decision, error)) << error.message();
  EXPECT_EQ(decision.response.target(), "/orders/7");
  EXPECT_EQ(decision.source, Source::kService);
  EXPECT_FALSE(client.Decide(Named("seven"), decision, error));
  EXPECT_EQ(error.violations(0).field(), "parameters[\"id\"]");
  v1::DecideRequest page;
  page.mutable_request()->set_method("GET");
  page.mutable_request()->set_url("https://shop.example/tea");
  ASSERT_TRUE(client.Decide(page, decision, error)) << error.message();
  EXPECT_EQ(decision.response.status(), 308);
  EXPECT_EQ(fake->decide_questions().size(), 3);
  Hop hop;
  ASSERT_TRUE(client.Follow(FollowOrder(), hop, error)) << error.message();
  EXPECT_EQ(hop.response.next().url(), "https://a.test/b");
  EXPECT_EQ(fake->follow_questions().size(), 1);
}

TEST(Fake, RefusesAWrongPolicyAtOnce) {
  for (const char* policy : {"[", "rules: 1", "rules: [{id: a}]", "maps: [{name: a, file: b}]"}) {
    EXPECT_THROW(FakeAnswerer{policy}, std::invalid_argument) << policy;
  }
  try {
    const FakeAnswerer fake("rules:\n  - {id: tea, match: {pth: /tea}}\n");
    FAIL();
  } catch (const std::invalid_argument& wrong) {
    EXPECT_THAT(wrong.what(), HasSubstr("2:23: unknown field; did you mean path?"));
  }
}

TEST(Fake, HasOutages) {
  const auto fake = std::make_shared<FakeAnswerer>(kPolicy);
  const Client client(fake);
  v1::Error down;
  down.set_code("UNAVAILABLE");
  fake->Fail(down);
  Decision decision;
  v1::Error error;
  ASSERT_TRUE(client.Decide(Order(), decision, error));
  EXPECT_EQ(decision.source, Source::kFallback);
  fake->Fail({});
  ASSERT_TRUE(client.Decide(Order(), decision, error));
  EXPECT_EQ(decision.source, Source::kService);
}

}  // namespace
}  // namespace fingerpost::testing

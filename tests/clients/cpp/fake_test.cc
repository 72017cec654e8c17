// The fake answers only the questions that it knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/message/json.h"
#include "done.h"
#include "fingerpost/client.h"
#include "fingerpost/testing.h"
#include "server/daemon.h"

namespace fingerpost::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const CallOptions kPatient = {.timeout = std::chrono::seconds(30)};

template <typename Message>
Message Read(const json& value) {
  Message message;
  v1::Error error;
  EXPECT_TRUE(IsDone(message::FromJson(value.dump(), message), error)) << error.ShortDebugString();
  return message;
}

const json kOrder = {{"request", {{"method", "POST"}, {"url", "https://shop.test/orders"}}},
                     {"intent", {{"purpose", "form_result"}, {"target", "/orders/1"}}}};
constexpr char kOrdered[] = R"([
  {"decide": {"request": {"method": "POST"}, "intent": {"purpose": "form_result", "target": "/orders/1"}},
   "answer": {"outcome": "redirect", "status": 303, "headers": [{"name": "Location", "value": "/orders/1"}]}}
])";

TEST(Fake, TakesWhatTheServiceAnswered) {
  const Daemon daemon;
  const Connection real(daemon.address(), Transport::Plaintext());
  const auto question = Read<v1::DecideRequest>(kOrder);
  v1::DecideResponse answer;
  v1::Error error;
  ASSERT_TRUE(real.Decide(question, answer, error, kPatient)) << error.ShortDebugString();
  const json rows = {{{"decide", kOrder}, {"answer", json::parse(message::ToJson(answer))}}};
  const FakeAnswerer fake(rows.dump());
  v1::DecideResponse faked;
  ASSERT_TRUE(fake.Decide(question, faked, error)) << error.ShortDebugString();
  EXPECT_EQ(message::ToJson(faked), message::ToJson(answer));
  EXPECT_EQ(fake.decide_questions().size(), 1);
}

TEST(Fake, NeverGuesses) {
  const Client client(std::make_shared<FakeAnswerer>(kOrdered));
  Decision decision;
  v1::Error error;
  ASSERT_TRUE(client.Decide(Read<v1::DecideRequest>(kOrder), decision, error));
  for (const json& more : {json{{"pinned_status", 303}}, json{{"target", "/orders/2"}},
                           json{{"target", "${any}"}}, json{{"trust", "caller"}}}) {
    json question = kOrder;
    question["intent"].update(more);
    EXPECT_FALSE(client.Decide(Read<v1::DecideRequest>(question), decision, error)) << more;
    EXPECT_EQ(error.code(), "NOT_FOUND");
    EXPECT_THAT(error.message(), HasSubstr("PURPOSE_FORM_RESULT"));
  }
  json question = kOrder;
  question["request"]["method"] = "PUT";
  EXPECT_FALSE(client.Decide(Read<v1::DecideRequest>(question), decision, error));
}

TEST(Fake, KnowsFieldsByTheirNamesAndTakesOthersBeside) {
  const Client client(std::make_shared<FakeAnswerer>(R"([
    {"follow": {"request": {"headers": [{"name": "AUTHORIZATION", "value": "s3cret"}]}, "response": {"status": 302}},
     "answer": {"stop": {"reason": "no_location", "error": true}}}
  ])"));
  auto question =
      Read<v1::FollowRequest>({{"request", {{"headers", {{{"name", "X"}, {"value", "x"}}}}}},
                               {"response", {{"status", 302}}}});
  Hop hop;
  v1::Error error;
  EXPECT_FALSE(client.Follow(question, hop, error));
  auto& line = *question.mutable_request()->add_headers();
  line.set_name("authorization");
  line.set_value("another");  // The fake sees no more of it than the service would.
  ASSERT_TRUE(client.Follow(question, hop, error)) << error.ShortDebugString();
  EXPECT_EQ(hop.response.stop().reason(), v1::STOP_REASON_NO_LOCATION);
}

TEST(Fake, AnswersByTheFirstRowThatFits) {
  const FakeAnswerer fake(R"([
    {"decide": {"intent_name": "order", "parameters": {"id": "7"}}, "answer": {"outcome": "refuse"}},
    {"decide": {"intent_name": "order", "parameters": {"id": "7"}}, "answer": {"outcome": "pass"}},
    {"decide": {"intent": {"purpose": "gone"}},
     "error": {"code": "INVALID_ARGUMENT", "reason": "invalid_fields", "violations": [{"field": "intent.purpose"}]}}
  ])");
  v1::DecideRequest named;
  named.set_intent_name("order");
  (*named.mutable_parameters())["id"] = "7";
  v1::DecideResponse answer;
  v1::Error error;
  ASSERT_TRUE(fake.Decide(named, answer, error)) << error.ShortDebugString();
  EXPECT_EQ(answer.outcome(), v1::OUTCOME_REFUSE);
  (*named.mutable_parameters())["id"] = "8";
  EXPECT_FALSE(fake.Decide(named, answer, error));
  v1::DecideRequest gone;
  gone.mutable_intent()->set_purpose(v1::PURPOSE_GONE);
  EXPECT_FALSE(fake.Decide(gone, answer, error));
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_INVALID_FIELDS);
  EXPECT_EQ(error.violations(0).field(), "intent.purpose");
}

TEST(Fake, RefusesWrongRowsAtOnce) {
  for (const char* rows :
       {"{", R"([{"answer": {}}])", R"([{"decide": {"porpoise": 1}, "answer": {}}])",
        R"([{"decide": {}}])", R"([{"decide": {}, "answer": {"satus": 303}}])"}) {
    EXPECT_THROW(FakeAnswerer{rows}, std::invalid_argument) << rows;
  }
}

TEST(Fake, HasOutages) {
  const auto fake = std::make_shared<FakeAnswerer>(kOrdered);
  const Client client(fake);
  v1::Error down;
  down.set_code("UNAVAILABLE");
  fake->Fail(down);
  Decision decision;
  v1::Error error;
  ASSERT_TRUE(client.Decide(Read<v1::DecideRequest>(kOrder), decision, error));
  EXPECT_EQ(decision.source, Source::kFallback);
  fake->Fail({});
  ASSERT_TRUE(client.Decide(Read<v1::DecideRequest>(kOrder), decision, error));
  EXPECT_EQ(decision.source, Source::kService);
}

}  // namespace
}  // namespace fingerpost::testing

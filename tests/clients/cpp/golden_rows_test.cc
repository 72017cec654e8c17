// The fake says what the service says, and never guesses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>

#include "core/message/json.h"
#include "fingerpost/client.h"
#include "fingerpost/testing.h"
#include "server/daemon.h"

namespace fingerpost::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const CallOptions kPatient = {.timeout = std::chrono::seconds(30)};

json Filled(const json& value) {
  static const std::map<std::string, std::string> kSamples = {
      {"${scheme}", "http"},   {"${host}", "shop.test:8080"}, {"${page}", "a/b?c"},
      {"${path}", "orders/7"}, {"${flash}", "Größe: 1,5 m"},  {"${code}", "a b/c"},
      {"${state}", "x=y&z"}};
  if (value.is_string()) {
    auto text = value.get<std::string>();
    for (const auto& [wildcard, sample] : kSamples) {
      if (const size_t at = text.find(wildcard); at != text.npos) {
        text.replace(at, wildcard.size(), sample);
      }
    }
    return text;
  }
  if (!value.is_structured()) return value;
  json out = value;
  for (auto& member : out) member = Filled(member);
  return out;
}

std::string Seen(const v1::DecideResponse& answer) {
  std::string out = v1::Outcome_Name(answer.outcome()) + " " + std::to_string(answer.status());
  for (const char* name : {"Location", "Cache-Control", "Set-Cookie", "Allow", "WWW-Authenticate",
                           "Referrer-Policy"}) {
    for (const auto& header : answer.headers()) {
      if (header.name() == name) out += "\n" + header.name() + ": " + header.value();
    }
  }
  return out + "\n" + v1::ReasonCode_Name(answer.reason().code());
}

std::string Seen(const v1::FollowResponse& answer) {
  std::string out = answer.next().method() + " " + answer.next().url() + " " +
                    v1::StopReason_Name(answer.stop().reason());
  for (const auto& change : answer.changes()) out += " " + v1::ChangeKind_Name(change.kind());
  return out;
}

template <typename Message>
Message Read(const json& value) {
  Message message;
  v1::Error error;
  EXPECT_TRUE(FromJson(value.dump(), message, error)) << error.ShortDebugString();
  return message;
}

TEST(GoldenRows, AnswerAsTheService) {
  const Daemon daemon;
  const Connection real(daemon.address(), Transport::Plaintext());
  const GoldenRows golden;
  std::ifstream file(FINGERPOST_TESTS_DIR "/../client/golden.json");
  int rows = 0;
  for (const json& row : json::parse(file)) {
    const bool decide = row.contains("decide");
    json question = Filled(row[decide ? "decide" : "follow"]);
    json request = {{"method", decide && question.contains("intent") ? "POST" : "GET"},
                    {"url", "https://shop.test/here"}};
    request.update(question.value("request", json::object()));
    question["request"] = request;
    v1::Error error;
    if (decide) {
      const auto asked = Read<v1::DecideRequest>(question);
      v1::DecideResponse faked, answer;
      ASSERT_TRUE(golden.Decide(asked, faked, error)) << row << error.ShortDebugString();
      ASSERT_TRUE(real.Decide(asked, answer, error, kPatient)) << error.ShortDebugString();
      EXPECT_EQ(Seen(faked), Seen(answer)) << row;
    } else {
      const auto asked = Read<v1::FollowRequest>(question);
      v1::FollowResponse faked, answer;
      ASSERT_TRUE(golden.Follow(asked, faked, error)) << row << error.ShortDebugString();
      ASSERT_TRUE(real.Follow(asked, answer, error, kPatient)) << error.ShortDebugString();
      EXPECT_EQ(Seen(faked), Seen(answer)) << row;
    }
    ++rows;
  }
  EXPECT_GT(rows, 80);
  EXPECT_EQ(golden.decide_questions().size() + golden.follow_questions().size(),
            static_cast<size_t>(rows));
}

const json kOrder = {{"request", {{"method", "POST"}, {"url", "https://shop.test/orders"}}},
                     {"intent", {{"purpose", "form_result"}, {"target", "/orders/1"}}}};

TEST(GoldenRows, NeverGuess) {
  const Client client(std::make_shared<GoldenRows>());
  for (const json& more :
       {json{{"pinned_status", 303}}, json{{"target", "//evil.test"}},
        json{{"target", "/\\evil.test"}}, json{{"target", "https://evil.test/"}}}) {
    json question = kOrder;
    question["intent"].update(more);
    Decision decision;
    v1::Error error;
    EXPECT_FALSE(client.Decide(Read<v1::DecideRequest>(question), decision, error)) << more;
    EXPECT_EQ(error.code(), "NOT_FOUND");
    EXPECT_THAT(error.message(), HasSubstr("PURPOSE_FORM_RESULT"));
  }
}

TEST(GoldenRows, FollowARequestWithFields) {
  const Client client(std::make_shared<GoldenRows>());
  const auto question = Read<v1::FollowRequest>(
      {{"request",
        {{"method", "GET"},
         {"url", "https://a.test/b"},
         {"headers", {{{"name", "X"}, {"value", "x"}}}}}},
       {"response", {{"status", 301}, {"headers", {{{"name", "Location"}, {"value", "/c"}}}}}}});
  Hop hop;
  v1::Error error;
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_EQ(hop.source, Source::kService) << hop.error.ShortDebugString();
  EXPECT_EQ(hop.response.next().url(), "https://a.test/c");
}

TEST(GoldenRows, MayHaveSecrets) {
  const Client client(std::make_shared<GoldenRows>(R"([
    {"follow": {"request": {"headers": [{"name": "Authorization", "value": "s3cret"}]}, "response": {"status": 302}},
     "expect": {"stop": {"reason": "no_location", "error": true}}}
  ])"));
  auto question = Read<v1::FollowRequest>({{"response", {{"status", 302}}}});
  auto& line = *question.mutable_request()->add_headers();
  line.set_name("authorization");
  line.set_value("s3cret");
  Hop hop;
  v1::Error error;
  ASSERT_TRUE(client.Follow(question, hop, error)) << error.ShortDebugString();
  EXPECT_EQ(hop.response.stop().reason(), v1::STOP_REASON_NO_LOCATION);
}

TEST(GoldenRows, OnesOwnComeFirst) {
  const GoldenRows golden(R"([
    {"decide": {"intent_name": "order", "parameters": {"id": "${id}"}},
     "expect": {"status": 303, "fields": {"Location": "/orders/${id}"}}},
    {"decide": {"request": {"method": "POST"}, "intent": {"purpose": "form_result", "target": "/${a}/${b}"}},
     "expect": {"outcome": "refuse"}},
    {"decide": {"intent": {"purpose": "gone"}},
     "expect": {"error": {"code": "INVALID_ARGUMENT", "reason": "invalid_fields", "violations": ["intent.purpose"]}}}
  ])");
  v1::DecideRequest named;
  named.set_intent_name("order");
  (*named.mutable_parameters())["id"] = "7";
  v1::DecideResponse answer;
  v1::Error error;
  ASSERT_TRUE(golden.Decide(named, answer, error)) << error.ShortDebugString();
  EXPECT_EQ(answer.outcome(), v1::OUTCOME_REDIRECT);
  EXPECT_EQ(answer.headers(0).value(), "/orders/7");
  ASSERT_TRUE(golden.Decide(Read<v1::DecideRequest>(kOrder), answer, error));
  EXPECT_EQ(answer.outcome(), v1::OUTCOME_REFUSE);
  v1::DecideRequest gone;
  gone.mutable_intent()->set_purpose(v1::PURPOSE_GONE);
  EXPECT_FALSE(golden.Decide(gone, answer, error));
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_INVALID_FIELDS);
  EXPECT_EQ(error.violations(0).field(), "intent.purpose");
}

TEST(GoldenRows, WrongOnesAreSaidAtOnce) {
  EXPECT_THROW(GoldenRows("{"), std::invalid_argument);
  EXPECT_THROW(GoldenRows(R"([{"expect": {}}])"), std::invalid_argument);
  EXPECT_THROW(GoldenRows(R"([{"decide": {"porpoise": 1}, "expect": {}}])"), std::invalid_argument);
}

TEST(GoldenRows, HaveOutages) {
  const auto golden = std::make_shared<GoldenRows>();
  const Client client(golden);
  v1::Error down;
  down.set_code("UNAVAILABLE");
  golden->Fail(down);
  Decision decision;
  v1::Error error;
  ASSERT_TRUE(client.Decide(Read<v1::DecideRequest>(kOrder), decision, error));
  EXPECT_EQ(decision.source, Source::kFallback);
  golden->Fail({});
  ASSERT_TRUE(client.Decide(Read<v1::DecideRequest>(kOrder), decision, error));
  EXPECT_EQ(decision.source, Source::kService);
}

}  // namespace
}  // namespace fingerpost::testing

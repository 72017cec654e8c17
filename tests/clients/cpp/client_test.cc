// How a Client treats answers, and missing ones (client/README.md).
#include "fingerpost/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "breaker.h"
#include "told.h"

namespace fingerpost {
namespace {

using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::StartsWith;

std::vector<std::string> Lines(const Decision& decision) {
  std::vector<std::string> lines;
  for (const auto& header : decision.response.headers()) {
    lines.push_back(header.name() + ": " + header.value());
  }
  return lines;
}

TEST_F(ClientTest, HandsTheAnswerOver) {
  told->decision = SeeOther();
  ASSERT_TRUE(Decide(Order())) << error.ShortDebugString();
  EXPECT_EQ(decision.source, Source::kService);
  EXPECT_EQ(decision.response.status(), 303);
  EXPECT_TRUE(decision.MustSend());
  EXPECT_EQ(told->timeout, kDecideTimeout);
}

TEST_F(ClientTest, HasATimeoutOfItsOwn) {
  const Client patient(
      told, {.decide_timeout = std::chrono::seconds(2), .follow_timeout = std::chrono::seconds(3)});
  told->decision = SeeOther();
  EXPECT_TRUE(patient.Decide(Order(), decision, error));
  EXPECT_EQ(told->timeout, std::chrono::seconds(2));
  EXPECT_TRUE(patient.Follow(FollowOrder(), hop, error));
  EXPECT_EQ(told->timeout, std::chrono::seconds(3));
  EXPECT_TRUE(patient.Decide(Order(), decision, error, {.timeout = std::chrono::seconds(4)}));
  EXPECT_EQ(told->timeout, std::chrono::seconds(4));
}

TEST_F(ClientTest, GivesTheRightCodeInAnOutage) {
  told->failure = "UNAVAILABLE";
  v1::DecideRequest question = Order();
  question.mutable_request()->set_url("https://shop.example/orders");
  question.mutable_intent()->mutable_flash()->set_text("Thank you");
  ASSERT_TRUE(Decide(question));
  EXPECT_EQ(decision.source, Source::kFallback);
  EXPECT_EQ(decision.error.code(), "UNAVAILABLE");
  EXPECT_EQ(decision.response.status(), 303);
  EXPECT_THAT(Lines(decision), IsSupersetOf({"Location: /orders/1", "Cache-Control: no-store"}));
  EXPECT_THAT(Lines(decision), Contains(StartsWith("Set-Cookie: __Host-flash=Thank%20you;")));
}

TEST_F(ClientTest, LetsPagesPassInAnOutage) {
  told->failure = "DEADLINE_EXCEEDED";
  v1::DecideRequest question;
  question.mutable_request()->set_method("GET");
  ASSERT_TRUE(Decide(question));
  EXPECT_EQ(decision.response.outcome(), v1::OUTCOME_PASS);
  question.set_intent_name("order");
  ASSERT_TRUE(Decide(question));
  EXPECT_EQ(decision.response.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(decision.source, Source::kFallback);
  EXPECT_FALSE(decision.MustSend());
}

TEST_F(ClientTest, GuessesNothingElseInAnOutage) {
  told->failure = "UNAVAILABLE";
  v1::DecideRequest question = Order();
  question.mutable_request()->set_url("https://shop.example/orders");
  // A policy could allow these.
  for (const char* target : {"//evil.test", "/\\evil.test", "https://a.test/"}) {
    question.mutable_intent()->set_target(target);
    EXPECT_FALSE(Client(told).Decide(question, decision, error)) << target;
    EXPECT_EQ(error.code(), "UNAVAILABLE");
  }
  // None could allow these.
  for (const char* target : {"/a\r\nSet-Cookie: x", ""}) {
    question.mutable_intent()->set_target(target);
    EXPECT_FALSE(Client(told).Decide(question, decision, error)) << target;
    EXPECT_EQ(error.code(), "INVALID_ARGUMENT") << target;
  }
}

TEST_F(ClientTest, FollowsInAnOutage) {
  told->failure = "UNAVAILABLE";
  ASSERT_TRUE(client.Follow(FollowOrder(), hop, error));
  EXPECT_EQ(hop.source, Source::kFallback);
  EXPECT_EQ(hop.error.code(), "UNAVAILABLE");
  EXPECT_EQ(hop.response.next().url(), "https://a.test/b");
  EXPECT_EQ(hop.response.chain().count(), 1);
}

TEST_F(ClientTest, FailsClosedByChoice) {
  told->failure = "UNAVAILABLE";
  const Client closed(told, {.on_error = OnError::kFail});
  EXPECT_FALSE(closed.Decide(Order(), decision, error));
  EXPECT_FALSE(closed.Follow(FollowOrder(), hop, error));
  EXPECT_EQ(error.code(), "UNAVAILABLE");
}

TEST_F(ClientTest, TakesAWrongQuestionForNoOutage) {
  for (const char* code : {"INVALID_ARGUMENT", "NOT_FOUND", "PERMISSION_DENIED"}) {
    told->failure = code;
    for (int i = 0; i < 2 * Breaker::kFailuresToOpen; ++i) {
      EXPECT_FALSE(Decide(Order()));
      EXPECT_EQ(error.code(), code);
    }
  }
}

TEST_F(ClientTest, SparesTheDeadlineWhileTheBreakerIsOpen) {
  using Clock = std::chrono::steady_clock;
  told->failure = "UNAVAILABLE";
  std::vector<std::string> codes;
  // Tried again if the machine was so slow that the breaker let another call through.
  for (auto begin = Clock::now() - Breaker::kOpen; Clock::now() - begin >= Breaker::kOpen;) {
    begin = Clock::now();
    told->calls = 0;
    codes.clear();
    const Client fresh(told);
    for (int i = 0; i < Breaker::kFailuresToOpen + 3; ++i) {
      ASSERT_TRUE(fresh.Decide(Order(), decision, error));
      codes.push_back(decision.error.code());
    }
  }
  std::vector<std::string> expected(Breaker::kFailuresToOpen, "UNAVAILABLE");
  expected.resize(expected.size() + 3, "BREAKER_OPEN");
  EXPECT_EQ(codes, expected);
  EXPECT_EQ(told->calls, Breaker::kFailuresToOpen);
}

TEST_F(ClientTest, NeverHandsAHostileAnswerOver) {
  const std::vector<std::function<void(v1::DecideResponse&)>> kHostile = {
      [](auto& a) { a.mutable_headers(0)->set_value("/x\r\nSet-Cookie: a=b"); },
      [](auto& a) { a.mutable_headers(0)->set_value(std::string("/x\0", 3)); },
      [](auto& a) { a.mutable_headers(0)->set_raw_value("/x\n"); },
      [](auto& a) { a.mutable_headers(0)->set_name("Loca tion"); },
      [](auto& a) { a.mutable_headers(0)->set_name(""); },
      [](auto& a) { Add(*a.mutable_headers(), "X:\r\nY", "z"); },
      [](auto& a) { Add(*a.mutable_headers(), "location", "/y"); },
      [](auto& a) { a.clear_headers(); },
      [](auto& a) { a.mutable_headers(0)->clear_value(); },
      [](auto& a) { a.mutable_headers(0)->set_value(""); },
      [](auto& a) { a.set_target("/x\r\ny"); },
      [](auto& a) { a.set_clear_cookie("flash=\r\nX: y"); },
      [](auto& a) { a.set_status(200); },
      [](auto& a) { a.set_status(0); },
      [](auto& a) { a.set_outcome(v1::OUTCOME_RESPOND); },
      [](auto& a) { a.set_outcome(v1::OUTCOME_PASS); },
  };
  for (size_t i = 0; i < kHostile.size(); ++i) {
    told->decision = SeeOther();
    kHostile[i](told->decision);
    ASSERT_TRUE(Decide(Order())) << i;
    EXPECT_EQ(decision.error.code(), "MALFORMED") << i;
    EXPECT_EQ(decision.source, Source::kFallback) << i;
    EXPECT_EQ(Lines(decision)[0], "Location: /orders/1") << i;
  }
}

TEST_F(ClientTest, TakesOutcomesFromTheFuture) {
  told->decision.set_outcome(static_cast<v1::Outcome>(77));
  ASSERT_TRUE(Decide(Order()));
  EXPECT_EQ(decision.response.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(decision.source, Source::kService);
  told->hop.mutable_stop()->set_reason(static_cast<v1::StopReason>(77));
  ASSERT_TRUE(client.Follow(FollowOrder(), hop, error));
  EXPECT_TRUE(hop.response.has_stop());
  EXPECT_FALSE(hop.response.stop().error());
  told->hop.Clear();
  ASSERT_TRUE(client.Follow(FollowOrder(), hop, error));
  EXPECT_TRUE(hop.response.has_stop());
  EXPECT_TRUE(hop.response.stop().error());
}

TEST_F(ClientTest, NeverLeavesHttp) {
  for (const char* url :
       {"file:///etc/passwd", "https://", "https://a.test/\r\nX: y", "https://a.test/ b"}) {
    told->hop.mutable_next()->set_method("GET");
    told->hop.mutable_next()->set_url(url);
    ASSERT_TRUE(client.Follow(FollowOrder(), hop, error));
    EXPECT_EQ(hop.response.next().url(), "https://a.test/b") << "the engine's own";
    EXPECT_EQ(hop.error.code(), "MALFORMED");
  }
}

}  // namespace
}  // namespace fingerpost

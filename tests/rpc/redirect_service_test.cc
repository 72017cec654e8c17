// The plain functions: the clock, limits, and reused messages.
#include "rpc/redirect_service.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "done.h"
#include "policy/load/default_policy.h"

namespace fingerpost {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;

google::protobuf::Timestamp FixedClock() {
  google::protobuf::Timestamp now;
  now.set_seconds(1'700'000'000);
  return now;
}

class RedirectServiceTest : public testing::Test {
 protected:
  // Nothing of the default policy matches: PASS.
  static v1::DecideRequest Passes(const std::string& url = "https://shop.example.com/") {
    v1::DecideRequest request;
    request.mutable_request()->set_method("GET");
    request.mutable_request()->set_url(url);
    return request;
  }

  static void AddField(const std::string& value, http::Headers& headers) {
    v1::Header& header = *headers.Add();
    header.set_name("X");
    header.set_value(value);
  }
  static std::vector<std::string> Faults(const v1::Error& error) {
    std::vector<std::string> faults;
    for (const auto& violation : error.violations()) {
      faults.push_back(violation.field() + ": " + violation.description());
    }
    return faults;
  }

  [[nodiscard]] RedirectService Tight() const {
    const http::RequestLimits limits{.max_fields = 2, .max_field_length = 8, .max_url_length = 24};
    return {policy_, Limits{.request = limits}, nullptr, FixedClock};
  }

  policy::load::Store policy_{policy::load::DefaultPolicy()};
  RedirectService service_{policy_, Limits{}, nullptr, FixedClock};
  v1::Error error_;
};

TEST_F(RedirectServiceTest, FillsInNow) {
  v1::DecideRequest request = Passes();
  v1::DecideResponse response;
  ASSERT_TRUE(IsDone(service_.Decide(request, response), error_)) << error_.DebugString();
  EXPECT_EQ(request.now().seconds(), 1'700'000'000);
  EXPECT_EQ(response.outcome(), v1::OUTCOME_PASS);
}

TEST_F(RedirectServiceTest, KeepsTheCallersNow) {
  v1::DecideRequest request = Passes();
  request.mutable_now()->set_seconds(5);
  v1::DecideResponse response;
  ASSERT_TRUE(IsDone(service_.Decide(request, response), error_));
  EXPECT_EQ(request.now().seconds(), 5);

  v1::FollowRequest hop;
  hop.mutable_now()->set_seconds(6);
  v1::FollowResponse answer;
  (void)IsDone(service_.Follow(hop, answer), error_);
  EXPECT_EQ(hop.now().seconds(), 6);
}

TEST_F(RedirectServiceTest, TheSystemClockIsNow) {
  // Not time(), which may be behind this clock by a tick of the kernel.
  const auto seconds = [] {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
  };
  const auto before = seconds();
  const auto now = SystemClock();
  EXPECT_GE(now.seconds(), before);
  EXPECT_LE(now.seconds(), seconds());
  EXPECT_GE(now.nanos(), 0);
  EXPECT_LT(now.nanos(), 1'000'000'000);
}

TEST_F(RedirectServiceTest, TighterLimitsNameEveryFieldBeyondThem) {
  const RedirectService tight = Tight();
  v1::DecideRequest request = Passes("https://shop.example.com/");
  v1::DecideResponse response;
  AddField("12345678", *request.mutable_request()->mutable_headers());
  AddField("123456789", *request.mutable_request()->mutable_headers());
  EXPECT_FALSE(IsDone(tight.Decide(request, response), error_));
  EXPECT_EQ(error_.reason(), v1::ERROR_REASON_INVALID_FIELDS);
  ASSERT_EQ(error_.violations_size(), 2);
  EXPECT_EQ(error_.violations(0).field(), "request.url");
  EXPECT_EQ(error_.violations(0).description(), "at most 24 octets, got 25");
  EXPECT_EQ(error_.violations(1).field(), "request.headers[1].value");
  EXPECT_EQ(error_.violations(1).description(), "at most 8 octets, got 9");

  request = Passes("https://shop.example.co/");
  EXPECT_TRUE(IsDone(tight.Decide(request, response), error_)) << "24 octets";
}

TEST_F(RedirectServiceTest, TighterLimitsHoldForBothMessagesOfAHop) {
  v1::FollowRequest hop;
  *hop.mutable_request() = Passes("https://shop.example.com/").request();
  hop.mutable_request()->set_protocol(static_cast<v1::Protocol>(99));
  hop.mutable_response()->set_status(303);
  for (const char* value : {"1", "123456789"}) {
    AddField(value, *hop.mutable_response()->mutable_headers());
  }
  v1::FollowResponse next;
  EXPECT_FALSE(IsDone(Tight().Follow(hop, next), error_));
  EXPECT_THAT(Faults(error_), ElementsAre("request.url: at most 24 octets, got 25",
                                          "request.protocol: not a value of this version: 99",
                                          "response.headers[1].value: at most 8 octets, got 9"))
      << "with every other fault, in the order of the message";

  AddField("3", *hop.mutable_response()->mutable_headers());
  EXPECT_FALSE(IsDone(Tight().Follow(hop, next), error_));
  EXPECT_EQ(Faults(error_).back(), "response.headers: at most 2 fields, got 3");
}

TEST_F(RedirectServiceTest, WhatAChainAddsIsBeyondNoLimit) {
  v1::FollowRequest hop;
  *hop.mutable_request() = Passes("https://h.example/").request();
  for (int i = 0; i < 2; ++i) AddField("1", *hop.mutable_request()->mutable_headers());
  hop.mutable_response()->set_status(303);
  v1::Header& location = *hop.mutable_response()->add_headers();
  location.set_name("Location");
  location.set_value("/b");
  v1::FollowResponse next;
  ASSERT_TRUE(IsDone(Tight().Follow(hop, next), error_)) << error_.DebugString();

  *hop.mutable_request() = next.next();
  *hop.mutable_chain() = next.chain();
  location.set_value("/c");
  AddField("cookie", *hop.mutable_request()->mutable_headers());
  EXPECT_TRUE(IsDone(Tight().Follow(hop, next), error_)) << error_.DebugString();
  for (int i = 0; i < 6; ++i) AddField("more", *hop.mutable_request()->mutable_headers());
  EXPECT_FALSE(IsDone(Tight().Follow(hop, next), error_));
}

// A clock that advances by a second at every look.
google::protobuf::Timestamp TickingClock() {
  static int64_t seconds = 0;
  google::protobuf::Timestamp now;
  now.set_seconds(++seconds);
  return now;
}

TEST_F(RedirectServiceTest, WorkWhoseDeadlineHasPassedIsNotDone) {
  const RedirectService service(policy_, Limits{}, nullptr, TickingClock);
  const auto now = [] { return Deadline(std::chrono::seconds(TickingClock().seconds())); };
  v1::DecideRequest request = Passes();
  v1::DecideResponse response;
  EXPECT_FALSE(IsDone(service.Decide(request, response, now()), error_));
  EXPECT_EQ(error_.reason(), v1::ERROR_REASON_DEADLINE_EXCEEDED);
  EXPECT_TRUE(IsDone(service.Decide(request, response, now() + std::chrono::seconds(10)), error_));
}

// A call's messages are reused; no earlier answer may show.
TEST_F(RedirectServiceTest, AnUsedResponseGivesTheSameAnswerAsAFreshOne) {
  v1::DecideRequest redirected = Passes();
  redirected.mutable_intent()->set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
  redirected.mutable_intent()->set_target("/elsewhere");
  v1::DecideResponse used;
  for (v1::DecideRequest request : {redirected, Passes(), redirected, redirected, Passes()}) {
    v1::DecideResponse fresh;
    ASSERT_TRUE(IsDone(service_.Decide(request, fresh), error_));
    ASSERT_TRUE(IsDone(service_.Decide(request, used), error_));
    EXPECT_TRUE(MessageDifferencer::Equals(fresh, used)) << used.DebugString();
  }
}

}  // namespace
}  // namespace fingerpost

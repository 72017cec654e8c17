// The plain functions: the clock, limits, and messages that are used again.
#include "rpc/redirect_service.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <chrono>

#include "policy/load/default_policy.h"

namespace fingerpost {
namespace {

using ::google::protobuf::util::MessageDifferencer;

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

  policy::load::Store policy_{policy::load::DefaultPolicy()};
  RedirectService service_{policy_, Limits{}, nullptr, FixedClock};
  v1::Error error_;
};

TEST_F(RedirectServiceTest, FillsInNow) {
  v1::DecideRequest request = Passes();
  v1::DecideResponse response;
  ASSERT_TRUE(service_.Decide(request, response, error_)) << error_.DebugString();
  EXPECT_EQ(request.now().seconds(), 1'700'000'000);
  EXPECT_EQ(response.outcome(), v1::OUTCOME_PASS);
}

TEST_F(RedirectServiceTest, KeepsTheCallersNow) {
  v1::DecideRequest request = Passes();
  request.mutable_now()->set_seconds(5);
  v1::DecideResponse response;
  ASSERT_TRUE(service_.Decide(request, response, error_));
  EXPECT_EQ(request.now().seconds(), 5);

  v1::FollowRequest hop;
  hop.mutable_now()->set_seconds(6);
  v1::FollowResponse answer;
  (void)service_.Follow(hop, answer, error_);
  EXPECT_EQ(hop.now().seconds(), 6);
}

TEST_F(RedirectServiceTest, TheSystemClockIsNow) {
  // Not time(), which is behind this clock by up to a tick of the kernel.
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
  const RedirectService tight(policy_,
                              Limits{.max_fields = 2, .max_field_length = 8, .max_url_length = 24},
                              nullptr, FixedClock);
  v1::DecideRequest request = Passes("https://shop.example.com/");
  v1::DecideResponse response;
  const auto add = [](v1::Header& header, const std::string& value) {
    header.set_name("X");
    header.set_value(value);
  };
  add(*request.mutable_request()->add_headers(), "12345678");
  add(*request.mutable_request()->add_headers(), "123456789");
  EXPECT_FALSE(tight.Decide(request, response, error_));
  EXPECT_EQ(error_.reason(), v1::ERROR_REASON_INVALID_FIELDS);
  ASSERT_EQ(error_.violations_size(), 2);
  EXPECT_EQ(error_.violations(0).field(), "request.url");
  EXPECT_EQ(error_.violations(0).description(), "at most 24 octets, got 25");
  EXPECT_EQ(error_.violations(1).field(), "request.headers[1].value");
  EXPECT_EQ(error_.violations(1).description(), "at most 8 octets, got 9");

  v1::FollowRequest hop;
  for (int i = 0; i < 3; ++i) add(*hop.mutable_response()->add_headers(), "1");
  v1::FollowResponse next;
  v1::Error error;
  EXPECT_FALSE(tight.Follow(hop, next, error));
  EXPECT_EQ(error.violations(0).field(), "response.headers");
  EXPECT_EQ(error.violations(0).description(), "at most 2 fields, got 3");

  request = Passes("https://shop.example.co/");
  EXPECT_TRUE(tight.Decide(request, response, error_)) << "24 octets";
}

// A clock that goes on by a second at every look.
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
  EXPECT_FALSE(service.Decide(request, response, error_, now()));
  EXPECT_EQ(error_.reason(), v1::ERROR_REASON_DEADLINE_EXCEEDED);
  EXPECT_TRUE(service.Decide(request, response, error_, now() + std::chrono::seconds(10)));
}

// A call's messages are used again and again; nothing of an earlier answer may show.
TEST_F(RedirectServiceTest, AnUsedResponseGivesTheSameAnswerAsAFreshOne) {
  v1::DecideRequest redirected = Passes();
  redirected.mutable_intent()->set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
  redirected.mutable_intent()->set_target("/elsewhere");
  v1::DecideResponse used;
  for (v1::DecideRequest request : {redirected, Passes(), redirected, redirected, Passes()}) {
    v1::DecideResponse fresh;
    ASSERT_TRUE(service_.Decide(request, fresh, error_));
    ASSERT_TRUE(service_.Decide(request, used, error_));
    EXPECT_TRUE(MessageDifferencer::Equals(fresh, used)) << used.DebugString();
  }
}

}  // namespace
}  // namespace fingerpost

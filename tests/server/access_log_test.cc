// The access log: one JSON object for a call, without secrets, and the lists of the admin page.
#include "server/access_log.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "envoy/service/auth/v3/external_auth.pb.h"
#include "fingerpost/v1/redirect_service.pb.h"

namespace fingerpost {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";

google::protobuf::Struct Parse(const std::string& line) {
  google::protobuf::Struct object;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &object).ok()) << line;
  return object;
}

std::string Text(const google::protobuf::Struct& object, const std::string& name) {
  const auto found = object.fields().find(name);
  return found == object.fields().end() ? "(absent)" : found->second.string_value();
}

v1::DecideRequest Request() {
  v1::DecideRequest request;
  request.mutable_request()->set_method("POST");
  request.mutable_request()->set_url("https://user:pass@shop.example.com:8443/orders?card=4111#x");
  auto& header = *request.mutable_request()->add_headers();
  header.set_name("Authorization");
  header.set_value("Bearer secret");
  return request;
}

v1::DecideResponse Response() {
  v1::DecideResponse response;
  response.set_outcome(v1::OUTCOME_REDIRECT);
  response.set_status(303);
  response.mutable_reason()->set_code(v1::REASON_CODE_FORM_RESULT);
  response.set_rule("orders");
  response.add_shadow_rules("soon");
  response.add_shadow_rules("later");
  response.set_policy_version("1234");
  response.set_target("https://shop.example.com/orders/1?token=secret");
  return response;
}

CallRecord Record(const v1::DecideRequest& request, const v1::DecideResponse* response,
                  grpc::StatusCode code = grpc::OK, std::chrono::nanoseconds duration = 12us) {
  return {.summary = {Method::kDecide, code, duration, response},
          .transport = "grpc",
          .peer = "ipv4:192.0.2.1:4242",
          .caller = {"spiffe://example.org/shop"},
          .traceparent = std::string("00-") + kTrace + "-b7ad6b7169203331-01",
          .request_id = "id \"1\"\n",
          .request = request};
}

TEST(AccessLine, SaysWhatAnOperatorAsks) {
  const v1::DecideRequest request = Request();
  const v1::DecideResponse response = Response();
  const auto line = Parse(AccessLine(Record(request, &response)));
  EXPECT_EQ(Text(line, "rpc"), "Decide");
  EXPECT_EQ(Text(line, "transport"), "grpc");
  EXPECT_EQ(Text(line, "code"), "OK");
  EXPECT_EQ(line.fields().at("duration_us").number_value(), 12);
  EXPECT_EQ(Text(line, "peer"), "ipv4:192.0.2.1:4242");
  EXPECT_EQ(Text(line, "caller"), "spiffe://example.org/shop");
  EXPECT_EQ(Text(line, "trace_id"), kTrace);
  EXPECT_EQ(Text(line, "request_id"), "id \"1\"\n");
  EXPECT_EQ(Text(line, "method"), "POST");
  EXPECT_EQ(Text(line, "url"), "https://shop.example.com:8443/orders");
  EXPECT_EQ(Text(line, "outcome"), "OUTCOME_REDIRECT");
  EXPECT_EQ(line.fields().at("status").number_value(), 303);
  EXPECT_EQ(Text(line, "reason"), "REASON_CODE_FORM_RESULT");
  EXPECT_EQ(Text(line, "rule"), "orders");
  const auto& shadow = line.fields().at("shadow_rules").list_value();
  ASSERT_EQ(shadow.values_size(), 2);
  EXPECT_EQ(shadow.values(1).string_value(), "later");
  EXPECT_EQ(Text(line, "policy_version"), "1234");
}

TEST(AccessLine, OfAnAnswerWithoutStatusHasNone) {
  const v1::DecideRequest request = Request();
  v1::DecideResponse response;
  response.set_outcome(v1::OUTCOME_PASS);
  response.mutable_reason()->set_code(v1::REASON_CODE_NO_MATCH);
  const auto line = Parse(AccessLine(Record(request, &response)));
  EXPECT_EQ(Text(line, "outcome"), "OUTCOME_PASS");
  EXPECT_FALSE(line.fields().contains("status"));
}

TEST(AccessLine, OfEnvoysQuestionSaysTheDecision) {
  envoy::service::auth::v3::CheckRequest check;
  auto& http = *check.mutable_attributes()->mutable_request()->mutable_http();
  http.set_method("POST");
  http.set_scheme("https");
  http.set_host("shop.example.com");
  http.set_path("/orders?card=4111");
  const v1::DecideResponse response = Response();
  CallRecord record{.summary = {Method::kCheck, grpc::OK, 1us, &response},
                    .transport = "grpc",
                    .peer = {},
                    .caller = {},
                    .traceparent = {},
                    .request_id = {},
                    .request = check};
  const auto line = Parse(AccessLine(record));
  EXPECT_EQ(Text(line, "url"), "https://shop.example.com/orders");
  EXPECT_EQ(Text(line, "outcome"), "OUTCOME_REDIRECT");
  EXPECT_EQ(Text(line, "rule"), "orders");
  record.summary.response = nullptr;  // The backend judges it.
  EXPECT_EQ(Text(Parse(AccessLine(record)), "outcome"), "(absent)");
}

TEST(AccessLine, HoldsNoSecretAndNoLineBreak) {
  const v1::DecideRequest request = Request();
  const v1::DecideResponse response = Response();
  const std::string line = AccessLine(Record(request, &response));
  for (const char* secret : {"pass", "user", "card", "4111", "Bearer", "secret", "token", "\n"}) {
    EXPECT_THAT(line, Not(HasSubstr(secret)));
  }
  v1::DecideRequest hostile;
  hostile.mutable_request()->set_method(std::string(1000, 'A'));
  hostile.mutable_request()->set_url("nonsense?secret");
  EXPECT_THAT(AccessLine(Record(hostile, nullptr)), Not(HasSubstr("secret")));
  EXPECT_THAT(AccessLine(Record(hostile, nullptr)), Not(HasSubstr("AAAA")));
}

// Only http and https URLs are logged: elsewhere the place of a password is unknown.
TEST(AccessLine, LogsAUrlWhoseSecretsItKnows) {
  for (const char* url :
       {"admin:PW@shop.test/", "u:PW@shop.test", "blob:https://u:PW@h.test/p",
        "view-source:https://u:PW@h.test/", "javascript:PW", "data:text/plain,PW",
        "ftp://u:PW@h.test/", "ws://u:PW@h.test/", "//u:PW@h.test/", "/a?PW", "a@b?PW", "?PW",
        "https://u:PW@", "https://u:PW@h test/", "https://u:PW@h.test:99999/", "PW"}) {
    v1::DecideRequest request;
    request.mutable_request()->set_url(url);
    EXPECT_EQ(Parse(AccessLine(Record(request, nullptr))).fields().count("url"), 0U) << url;
  }
  for (const char* url :
       {"https://u:PW@h.test/p?PW#PW", " https://u:PW@h.test/p", "https:u:PW@h.test/p",
        "\thttps://u:PW@h.test/p", "ht\ntps://u:PW@h.test/p", "https:\\\\u:PW@h.test\\p",
        "HTTPS:/u:PW@h.test/p", "https://u:PW@x:PW@h.test/p", "https://%75:PW@H.test:443/p"}) {
    v1::DecideRequest request;
    request.mutable_request()->set_url(url);
    EXPECT_EQ(Text(Parse(AccessLine(Record(request, nullptr))), "url"), "https://h.test/p") << url;
  }
}

TEST(AccessLine, SaysWhatTheCallerWasToldInsteadOfAnAnswer) {
  const v1::DecideRequest request = Request();
  CallRecord record = Record(request, nullptr, grpc::INVALID_ARGUMENT);
  record.error = "intent.purpose: required (and 2 more)";
  EXPECT_EQ(Text(Parse(AccessLine(record)), "error"), "intent.purpose: required (and 2 more)");
}

// Log collectors cut longer lines, and the rest is not JSON.
TEST(AccessLine, StaysShortWhateverTheCallBrought) {
  v1::DecideRequest request;
  std::string url = "https://shop.example.com/";
  for (int i = 0; i < 10'000; ++i) url += "\u00FC";
  request.mutable_request()->set_url(url);
  CallRecord record = Record(request, nullptr, grpc::INVALID_ARGUMENT);
  for (int i = 0; i < 10'000; ++i) record.error += "\u00FC";
  const std::string line = AccessLine(record);
  EXPECT_LT(line.size(), 8192U);
  EXPECT_TRUE(Text(Parse(line), "error").ends_with("\u00FC\u2026"));
}

TEST(AccessLine, GivesACallWithoutIdOne) {
  const v1::DecideRequest request;
  CallRecord record = Record(request, nullptr);
  record.request_id = "";
  const std::string first = Text(Parse(AccessLine(record)), "request_id");
  EXPECT_THAT(first, SizeIs(16));
  record.request_id = std::string(1000, 'x');
  const std::string second = Text(Parse(AccessLine(record)), "request_id");
  EXPECT_THAT(second, SizeIs(16));
  EXPECT_NE(first, second);
}

TEST(AccessLine, IsUtf8WhateverTheCallBrought) {
  const v1::DecideRequest request;
  CallRecord record = Record(request, nullptr);
  record.request_id = "a\xff\xc3\xbc\xe2\x82";
  EXPECT_EQ(Text(Parse(AccessLine(record)), "request_id"), "a\uFFFD\u00FC\uFFFD\uFFFD");
}

TEST(AccessLine, CountsTheRequestsOfABatch) {
  const v1::FollowRequest one_of_them;
  const CallRecord record{.summary = {Method::kBatchFollow, grpc::OK, 1us, nullptr},
                          .transport = "grpc",
                          .peer = {},
                          .caller = {},
                          .traceparent = {},
                          .request_id = {},
                          .request = one_of_them,
                          .questions = 2};
  EXPECT_EQ(Parse(AccessLine(record)).fields().at("requests").number_value(), 2);
}

// W3C Trace Context §3.2.
TEST(TraceId, TakesOnlyWhatIsValid) {
  const std::string trace = kTrace;
  EXPECT_EQ(TraceId("00-" + trace + "-b7ad6b7169203331-01"), trace);
  EXPECT_EQ(TraceId("cc-" + trace + "-b7ad6b7169203331-01-what-comes-later"), trace);
  for (const std::string& wrong : std::vector<std::string>{
           "", "00", "00-" + trace, "ff-" + trace + "-b7ad6b7169203331-01",
           "00-" + trace + "-b7ad6b7169203331-01-more", "00-" + trace + "-b7ad6b7169203331-0g",
           "cc-" + trace + "-b7ad6b7169203331-01more",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-" + trace + "-0000000000000000-01",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"}) {
    EXPECT_EQ(TraceId(wrong), "") << wrong;
  }
}

class Lists : public testing::Test {
 protected:
  static Settings Off() {
    Settings settings;
    settings.access_log = "off";
    return settings;
  }
  void Call(grpc::StatusCode code, std::chrono::nanoseconds duration,
            const v1::DecideResponse* response = nullptr) {
    const CallRecord record = Record(request_, response, code, duration);
    if (const unsigned wanted = log_.Wants(record.summary)) log_.Finished(wanted, record);
  }
  static std::vector<double> Durations(const std::vector<std::string>& lines) {
    std::vector<double> found;
    found.reserve(lines.size());
    for (const auto& line : lines) {
      found.push_back(Parse(line).fields().at("duration_us").number_value());
    }
    return found;
  }

  const v1::DecideRequest request_ = Request();
  LineWriter out_{STDERR_FILENO, [](uint64_t /*lost*/) { return std::string(); }};
  AccessLog log_{Off(), out_};
};

TEST_F(Lists, KeepTheLastRefused) {
  const v1::DecideResponse redirected = Response();
  v1::DecideResponse refused;
  refused.set_outcome(v1::OUTCOME_REFUSE);
  Call(grpc::OK, 1us, &redirected);
  Call(grpc::OK, 2us, &refused);
  Call(grpc::INVALID_ARGUMENT, 3us);
  EXPECT_THAT(Durations(log_.Refused()), ElementsAre(3, 2));
  for (int i = 0; i < 100; ++i) Call(grpc::NOT_FOUND, 4us);
  EXPECT_THAT(log_.Refused(), SizeIs(20));
}

TEST_F(Lists, KeepTheSlowestInOrder) {
  EXPECT_THAT(log_.Slowest(), IsEmpty());
  const v1::DecideResponse response = Response();
  for (int i = 1; i <= 100; ++i) Call(grpc::OK, std::chrono::microseconds(i * 37 % 101), &response);
  const std::vector<double> durations = Durations(log_.Slowest());
  ASSERT_THAT(durations, SizeIs(20));
  EXPECT_EQ(durations.front(), 100);
  EXPECT_EQ(durations.back(), 81);
  EXPECT_TRUE(std::is_sorted(durations.rbegin(), durations.rend()));
}

TEST_F(Lists, AWatchLastsAsLongAsItsClientAndIsNotSlow) {
  EXPECT_EQ(log_.Wants({Method::kWatchPolicy, grpc::OK, std::chrono::hours(1), nullptr}), 0U);
  EXPECT_NE(log_.Wants({Method::kDecide, grpc::OK, std::chrono::hours(1), nullptr}), 0U);
}

TEST(AccessLossLine, IsALineOfTheLog) {
  const std::string text = AccessLossLine(3);
  EXPECT_TRUE(text.ends_with("}\n"));
  const auto line = Parse(text);
  EXPECT_EQ(Text(line, "msg"), "lost");
  EXPECT_EQ(line.fields().at("lines").number_value(), 3);
}

TEST(Wants, LinesAsTheSettingsSay) {
  const CallSummary good{Method::kFollow, grpc::OK, 0ns, nullptr};
  const CallSummary bad{Method::kFollow, grpc::INTERNAL, 0ns, nullptr};
  const auto lines = [](const char* mode, int sample, const CallSummary& call) {
    Settings settings;
    settings.access_log = mode;
    settings.access_log_sample = sample;
    LineWriter out(STDERR_FILENO, [](uint64_t /*lost*/) { return std::string(); });
    AccessLog log(settings, out);
    int count = 0;
    for (int i = 0; i < 10; ++i) count += static_cast<int>(log.Wants(call) & 1U);
    return count;
  };
  EXPECT_EQ(lines("off", 1, bad), 0);
  EXPECT_EQ(lines("errors", 1, good), 0);
  EXPECT_EQ(lines("errors", 1, bad), 10);
  EXPECT_EQ(lines("all", 1, good), 10);
  EXPECT_EQ(lines("all", 5, good), 2);
}

}  // namespace
}  // namespace fingerpost

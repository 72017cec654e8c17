// A web server's use of a Client's answers: the way back, Vary, error pages, and the report of an
// outage (client/README.md).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "fingerpost/client.h"
#include "server/daemon.h"
#include "sparing_log.h"

namespace fingerpost {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const ClientOptions kQuiet = {.engine = Engine::kRemote,
                              .decide_timeout = std::chrono::seconds(30),
                              .log = [](const std::string&) {}};

v1::HttpRequest Login() {
  v1::HttpRequest request;
  request.set_method("POST");
  request.set_url("https://shop.example/login");
  return request;
}

std::string LocationOf(const Decision& decision) {
  for (const auto& header : decision.response.headers()) {
    if (header.name() == "Location") return header.value();
  }
  return "";
}

void ExpectBackLeadsHome(const Client& client) {
  Decision decision;
  v1::Error error;
  ASSERT_TRUE(client.Back(Login(), "/orders?tab=1", decision, error)) << error.ShortDebugString();
  EXPECT_EQ(LocationOf(decision), "/orders?tab=1");
  EXPECT_EQ(decision.response.status(), 303);
  for (const std::string next :
       {"", "https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nSet-Cookie: b",
        "javascript:alert(1)", "https://shop.example@evil.example/"}) {
    ASSERT_TRUE(client.Back(Login(), next, decision, error, "/home")) << next;
    EXPECT_EQ(LocationOf(decision), "/home") << next;
  }
}

TEST(Web, BackLeadsToASafePlace) {
  const testing::Daemon daemon;
  ExpectBackLeadsHome(Client(daemon.address(), Transport::Plaintext(), kQuiet));
}

TEST(Web, BackLeadsToASafePlaceInAnOutage) {
  ExpectBackLeadsHome(Client("127.0.0.1:1", Transport::Plaintext(), kQuiet));
}

TEST(Web, VaryIsMergedIntoThePage) {
  Decision decision;
  EXPECT_EQ(decision.Vary(), "");
  EXPECT_EQ(decision.Vary("Cookie"), "Cookie");
  for (const auto& [name, value] :
       {std::pair{"Vary", "Accept-Language, cookie"}, {"vary", "Origin"}}) {
    v1::Header& header = *decision.response.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  EXPECT_EQ(decision.Vary(), "Accept-Language, cookie, Origin");
  EXPECT_EQ(decision.Vary(" ,Cookie ,COOKIE,"), "Cookie, Accept-Language, Origin");
  EXPECT_EQ(decision.Vary("*"), "*");
}

// Answers PASS with the test's fields.
class Passing : public Answerer {
 public:
  bool Decide(const v1::DecideRequest& /*request*/, v1::DecideResponse& out, v1::Error& /*error*/,
              const CallOptions& /*options*/) const override {
    out.set_outcome(v1::OUTCOME_PASS);
    *out.add_headers() = header;
    return true;
  }
  bool Follow(const v1::FollowRequest& /*request*/, v1::FollowResponse& /*out*/,
              v1::Error& /*error*/, const CallOptions& /*options*/) const override {
    return false;
  }

  v1::Header header;
};

TEST(Web, APassMayHaveFieldsOfAPageAndNothingOfAResponse) {
  const auto passing = std::make_shared<Passing>();
  ClientOptions options = kQuiet;
  options.on_error = OnError::kFail;
  const Client client(passing, options);
  Decision decision;
  v1::Error error;
  passing->header.set_name("vary");
  passing->header.set_value("Origin");
  ASSERT_TRUE(client.Decide({}, decision, error)) << error.ShortDebugString();
  EXPECT_EQ(decision.Vary(), "Origin");
  passing->header.set_name("Cache-Control");
  passing->header.set_value("private");
  EXPECT_TRUE(client.Decide({}, decision, error)) << error.ShortDebugString();
  passing->header.set_value("Origin\r\nX: y");
  EXPECT_FALSE(client.Decide({}, decision, error));
  passing->header.set_name("Location");
  passing->header.set_value("/x");
  EXPECT_FALSE(client.Decide({}, decision, error));
  EXPECT_EQ(error.code(), "MALFORMED");
}

TEST(Web, AnErrorPageHasAStatus) {
  Decision decision;
  v1::Error error;
  decision.response.set_outcome(v1::OUTCOME_REFUSE);
  EXPECT_EQ(ErrorStatus(decision, error), 400);
  decision.response.mutable_reason()->set_code(v1::REASON_CODE_PINNED_STATUS_CONTRADICTS);
  EXPECT_EQ(ErrorStatus(decision, error), 500);
  decision.response.set_outcome(v1::OUTCOME_PASS);
  EXPECT_EQ(ErrorStatus(decision, error), 404);
  for (const auto& [code, status] : std::vector<std::pair<std::string, int>>{
           {"UNAVAILABLE", 503}, {"MALFORMED", 503}, {"BREAKER_OPEN", 503}, {"NOT_FOUND", 500}}) {
    error.set_code(code);
    EXPECT_EQ(ErrorStatus(decision, error), status) << code;
  }
  error.set_code("INVALID_ARGUMENT");
  EXPECT_EQ(ErrorStatus(decision, error), 500);
  error.add_violations()->set_field("intent.target");
  EXPECT_EQ(ErrorStatus(decision, error), 400);
  error.add_violations()->set_field("intent.sticky_key.value");
  EXPECT_EQ(ErrorStatus(decision, error), 400);
  error.add_violations()->set_field("intent.targets");
  EXPECT_EQ(ErrorStatus(decision, error), 500);
}

TEST(Web, AnOutageIsOneLineAndEachFallbackMeetsTheHook) {
  std::vector<std::string> lines;
  std::vector<std::string> codes;
  ClientOptions options = kQuiet;
  options.log = [&](const std::string& line) { lines.push_back(line); };
  options.on_fallback = [&](const v1::Error& error) { codes.push_back(error.code()); };
  const Client client("127.0.0.1:1", Transport::Plaintext(), options);
  Decision decision;
  v1::Error error;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.Decide({}, decision, error));
  EXPECT_THAT(codes, ElementsAre("UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"));
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], HasSubstr("fingerpost: no answer from the service: UNAVAILABLE: "));
}

TEST(Web, ALogIsQuietForAWhile) {
  SparingLog::Time now{};
  std::vector<std::string> lines;
  SparingLog log([&](const std::string& line) { lines.push_back(line); }, [&] { return now; });
  for (int i = 0; i < 3; ++i) log.Warn("a\r\nb");
  now += SparingLog::kQuiet;
  log.Warn("c");
  EXPECT_THAT(lines, ElementsAre("fingerpost: a??b", "fingerpost: c (and 2 more like it)"));
}

// Otherwise a visitor could open the breaker for everybody.
void ExpectTheQuestionsFault(const v1::DecideRequest& wrong, const std::string& code) {
  const testing::Daemon daemon;
  int fallbacks = 0;
  ClientOptions options = kQuiet;
  options.on_fallback = [&fallbacks](const v1::Error&) { ++fallbacks; };
  const Client client(daemon.address(), Transport::Plaintext(), options);
  Decision decision;
  v1::Error error;
  for (int i = 0; i < 6; ++i) {
    EXPECT_FALSE(client.Decide(wrong, decision, error));
    EXPECT_EQ(error.code(), code) << error.ShortDebugString();
    EXPECT_EQ(ErrorStatus(decision, error), 400);
  }
  v1::DecideRequest right;
  *right.mutable_request() = Login();
  ASSERT_TRUE(client.Decide(right, decision, error)) << error.ShortDebugString();
  EXPECT_EQ(decision.source, Source::kService);
  EXPECT_EQ(fallbacks, 0);
}

TEST(Web, WhatCannotBeSentIsNoOutage) {
  v1::DecideRequest question;
  *question.mutable_request() = Login();
  question.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  question.mutable_intent()->set_target("/a\xff");
  ExpectTheQuestionsFault(question, "INVALID_ARGUMENT");
  question.mutable_intent()->set_target("/a");
  v1::Header& field = *question.mutable_request()->add_headers();
  field.set_name("Accept");
  field.set_value("\xc3");
  ExpectTheQuestionsFault(question, "INVALID_ARGUMENT");
}

TEST(Web, AQuestionThatIsTooLargeIsNoOutage) {
  v1::DecideRequest question;
  *question.mutable_request() = Login();
  question.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  question.mutable_intent()->set_target("/" + std::string(5 << 20, 'a'));
  ExpectTheQuestionsFault(question, "RESOURCE_EXHAUSTED");
}

TEST(Web, ReadySaysWhetherItIsConnected) {
  const testing::Daemon daemon;
  Client client(daemon.address(), Transport::Plaintext());
  EXPECT_TRUE(client.Ready(std::chrono::seconds(60)));
  EXPECT_TRUE(client.Ready(std::chrono::seconds(0)));
  client.Close();
  EXPECT_FALSE(client.Ready(std::chrono::seconds(60)));
  EXPECT_FALSE(Client("127.0.0.1:1", Transport::Plaintext()).Ready(std::chrono::milliseconds(20)));
}

}  // namespace
}  // namespace fingerpost

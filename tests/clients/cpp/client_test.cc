// What a Client makes of the answers, and of none (client/README.md).
#include "fingerpost/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "breaker.h"

namespace fingerpost {
namespace {

using ::testing::ElementsAre;

v1::Error ErrorOf(const std::string& code) {
  v1::Error error;
  error.set_code(code);
  error.set_message("told to");
  return error;
}

// Says what it is told, and counts.
class Told : public Answerer {
 public:
  bool Decide(const v1::DecideRequest& /*request*/, v1::DecideResponse& out, v1::Error& error,
              const CallOptions& options) const override {
    timeout = options.timeout;
    return Say(decision, out, error);
  }
  bool Follow(const v1::FollowRequest& request, v1::FollowResponse& out, v1::Error& error,
              const CallOptions& options) const override {
    timeout = options.timeout;
    asked = request;
    return Say(hop, out, error);
  }

  v1::DecideResponse decision;
  v1::FollowResponse hop;
  std::string failure;
  mutable int calls = 0;
  mutable v1::FollowRequest asked;
  mutable std::optional<std::chrono::milliseconds> timeout;

 private:
  template <typename Response>
  bool Say(const Response& told, Response& out, v1::Error& error) const {
    ++calls;
    out = told;
    if (!failure.empty()) error = ErrorOf(failure);
    return failure.empty();
  }
};

void Add(google::protobuf::RepeatedPtrField<v1::Header>& headers, const std::string& name,
         const std::string& value) {
  v1::Header& header = *headers.Add();
  header.set_name(name);
  header.set_value(value);
}

v1::DecideResponse SeeOther() {
  v1::DecideResponse answer;
  answer.set_outcome(v1::OUTCOME_REDIRECT);
  answer.set_status(303);
  Add(*answer.mutable_headers(), "Location", "/x");
  return answer;
}

v1::DecideRequest Order() {
  v1::DecideRequest question;
  question.mutable_request()->set_method("POST");
  question.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  question.mutable_intent()->set_target("/orders/1");
  return question;
}

v1::FollowRequest FollowOrder() {
  v1::FollowRequest question;
  question.mutable_request()->set_method("GET");
  question.mutable_request()->set_url("https://a.test/");
  question.mutable_response()->set_status(302);
  Add(*question.mutable_response()->mutable_headers(), "Location", "/b");
  return question;
}

class ClientTest : public ::testing::Test {
 protected:
  bool Decide(const v1::DecideRequest& question) {
    return client.Decide(question, decision, error);
  }

  std::shared_ptr<Told> told = std::make_shared<Told>();
  Client client{told};
  Decision decision;
  Hop hop;
  v1::Error error;
};

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
  question.mutable_intent()->mutable_flash()->set_text("Thank you");
  ASSERT_TRUE(Decide(question));
  EXPECT_EQ(decision.source, Source::kFallback);
  EXPECT_EQ(decision.error.code(), "UNAVAILABLE");
  EXPECT_EQ(decision.response.status(), 303);
  EXPECT_THAT(Lines(decision),
              ElementsAre("Location: /orders/1", "Cache-Control: no-store", "Content-Length: 0"));
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
  for (const char* target : {"//evil.test", "/\\evil.test", "https://a.test/", "/orders/{id}",
                             "/a\r\nSet-Cookie: x", "", "orders"}) {
    v1::DecideRequest question = Order();
    question.mutable_intent()->set_target(target);
    EXPECT_FALSE(Client(told).Decide(question, decision, error)) << target;
    EXPECT_EQ(error.code(), "UNAVAILABLE");
  }
  v1::DecideRequest question = Order();
  question.mutable_intent()->set_client(v1::CLIENT_KIND_SCRIPT);
  EXPECT_FALSE(Client(told).Decide(question, decision, error));
  question = Order();
  question.mutable_request()->set_protocol(v1::PROTOCOL_HTTP_1_0);
  EXPECT_FALSE(Client(told).Decide(question, decision, error));
  question = Order();
  question.mutable_intent()->set_purpose(v1::PURPOSE_GONE);
  EXPECT_FALSE(Client(told).Decide(question, decision, error));
}

TEST_F(ClientTest, StopsFollowingInAnOutage) {
  told->failure = "UNAVAILABLE";
  v1::FollowRequest question = FollowOrder();
  question.mutable_chain()->set_count(3);
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_EQ(hop.source, Source::kFallback);
  EXPECT_TRUE(hop.response.has_stop());
  EXPECT_TRUE(hop.response.stop().error());
  EXPECT_EQ(hop.response.chain().count(), 3);
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
  // Once more when the machine took so long that the breaker let a call through again.
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
    EXPECT_TRUE(hop.response.has_stop()) << url;
    EXPECT_EQ(hop.error.code(), "MALFORMED");
  }
}

// A hop to the same origin that keeps every field but the second, and rewrites the third.
TEST_F(ClientTest, KeepsSecretsHere) {
  v1::FollowRequest question = FollowOrder();
  auto& headers = *question.mutable_request()->mutable_headers();
  Add(headers, "Authorization", "s3cret-1");
  Add(headers, "proxy-authorization", "s3cret-2");
  Add(headers, "Referer", "https://a.test/?q");
  Add(headers, "X-Api-Key", "s3cret-3");
  Add(headers, "X-Plain", "plain");
  question.mutable_options()->add_secret_fields("x-api-key");
  question.mutable_request()->set_url("https://me:s3cret-0@a.test/");

  auto& next = *told->hop.mutable_next();
  next.set_method("GET");
  next.set_url("https://a.test/b");
  next.add_headers()->set_name("Authorization");
  Add(*next.mutable_headers(), "Referer", "https://a.test/");
  next.add_headers()->set_name("X-Api-Key");
  Add(*next.mutable_headers(), "X-Plain", "plain");
  Add(*next.mutable_headers(), "Cookie", "a=b");
  auto& dropped = *told->hop.add_changes();
  dropped.set_kind(v1::CHANGE_KIND_FIELD_DROPPED);
  dropped.set_index(1);
  auto& rewritten = *told->hop.add_changes();
  rewritten.set_kind(v1::CHANGE_KIND_FIELD_REWRITTEN);
  rewritten.set_index(2);
  *rewritten.mutable_field() = next.headers(1);
  auto& added = *told->hop.add_changes();
  added.set_kind(v1::CHANGE_KIND_FIELD_ADDED);
  *added.mutable_field() = next.headers(4);

  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_EQ(hop.source, Source::kService) << hop.error.ShortDebugString();
  EXPECT_THAT(told->asked.SerializeAsString(), ::testing::Not(::testing::HasSubstr("s3cret")));
  EXPECT_EQ(told->asked.request().headers_size(), 5);
  EXPECT_EQ(told->asked.request().url(), "https://-@a.test/");
  std::vector<std::string> lines;
  for (const auto& header : hop.response.next().headers()) {
    lines.push_back(header.name() + ": " + header.value());
  }
  EXPECT_THAT(lines, ElementsAre("Authorization: s3cret-1", "Referer: https://a.test/",
                                 "X-Api-Key: s3cret-3", "X-Plain: plain", "Cookie: a=b"));

  dropped.set_index(99);
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_EQ(hop.error.code(), "MALFORMED");
  dropped.set_index(0);  // A field that was dropped has no value to come back.
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_FALSE(hop.response.next().headers(0).has_value());
  added.mutable_field()->set_value("a\r\nb");
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_EQ(hop.error.code(), "MALFORMED");
}

TEST_F(ClientTest, MakesBasicOfUserinfoForItsOwnOrigin) {
  v1::FollowRequest question = FollowOrder();
  question.mutable_request()->set_url("https://m%C3%A9:s%3A:3@a.test/");
  question.mutable_options()->set_profile(v1::PROFILE_CURL);
  for (const char* trusted : {"https://a.test", "https://b.test"}) {
    question.mutable_options()->add_trusted_origins(trusted);
  }
  auto& next = *told->hop.mutable_next();
  next.set_method("GET");
  next.add_headers()->set_name("Authorization");
  auto& added = *told->hop.add_changes();
  added.set_kind(v1::CHANGE_KIND_FIELD_ADDED);
  *added.mutable_field() = next.headers(0);
  for (const auto& [url, value] :
       {std::pair{"https://a.test:443/b", "Basic bcOpOnM6OjM="}, {"https://b.test/", ""}}) {
    next.set_url(url);
    ASSERT_TRUE(client.Follow(question, hop, error)) << error.ShortDebugString();
    EXPECT_EQ(hop.response.next().headers(0).value(), value) << url;
    EXPECT_EQ(hop.response.changes(0).field().value(), value) << url;
  }
}

TEST_F(ClientTest, ComparesOriginsItself) {
  v1::FollowRequest question = FollowOrder();
  for (const char* name : {"Authorization", "proxy-authorization", "Cookie", "X-Api-Key"}) {
    Add(*question.mutable_request()->mutable_headers(), name, "s3cret");
  }
  question.mutable_options()->add_secret_fields("x-api-key");
  auto& next = *told->hop.mutable_next();
  next.set_method("GET");
  next.add_headers()->set_name("Authorization");
  const auto put_back = [&](const std::string& url, const std::string& other) {
    question.mutable_request()->set_url(url);
    next.set_url(other);
    EXPECT_TRUE(client.Follow(question, hop, error));
    return hop.response.has_next() && hop.response.next().headers(0).value() == "s3cret";
  };
  EXPECT_TRUE(put_back("HTTPS://A.Test:443", "https://a.test/x"));
  EXPECT_TRUE(put_back("http://b\u00fccher.example/", "http://xn--bcher-kva.example/"));
  EXPECT_TRUE(put_back("http://127.1/", "http://127.0.0.1/"));
  for (const char* other : {"http://a.test/", "https://a.test:8443/", "https://b.a.test/",
                            "https://b.test\\@a.test/", "https://a.test@b.test/"}) {
    EXPECT_FALSE(put_back("https://a.test/", other)) << other;
    EXPECT_EQ(hop.error.code(), "MALFORMED");
  }
  for (uint32_t i = 0; i < 4; ++i) {  // Each of them alone is enough.
    told->hop.clear_changes();
    for (uint32_t j = 0; j < 4; ++j) {
      auto& change = *told->hop.add_changes();
      change.set_kind(i == j ? v1::CHANGE_KIND_FIELD_REWRITTEN : v1::CHANGE_KIND_FIELD_DROPPED);
      change.set_index(j);
      change.mutable_field()->set_name(question.request().headers(static_cast<int>(j)).name());
    }
    EXPECT_FALSE(put_back("https://a.test/", "https://b.test/"));
    EXPECT_EQ(hop.error.code(), "MALFORMED") << i;
  }
  told->hop.clear_changes();
  question.mutable_options()->add_trusted_origins("https://a.test");
  EXPECT_FALSE(put_back("https://a.test/", "https://b.test/"));
  question.mutable_options()->add_trusted_origins("https://b.test:443");
  EXPECT_TRUE(put_back("https://a.test/", "https://b.test/"));
}

TEST_F(ClientTest, FindsUserinfoWhereAParserFindsIt) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"http:\\\\me:p@ss@a.test\\@", "http:\\\\-@a.test\\@"},
      {"https:me@a.test", "https:-@a.test"},
      {"https://a.test/@x?a@b#c@d", "https://a.test/@x?a@b#c@d"},
      {"https://@a.test", "https://@a.test"},
      {"/x:y@z", "/x:y@z"},
      {"@", "@"},
      {"", ""}};
  v1::FollowRequest question = FollowOrder();
  for (const auto& [url, sent] : rows) {
    question.mutable_request()->set_url(url);
    ASSERT_TRUE(client.Follow(question, hop, error));
    EXPECT_EQ(told->asked.request().url(), sent);
  }
}

TEST_F(ClientTest, ACookieTravelsOnlyToAServiceThatKeepsCookies) {
  v1::FollowRequest question = FollowOrder();
  Add(*question.mutable_request()->mutable_headers(), "cookie", "s3cret");
  auto& next = *told->hop.mutable_next();
  next.set_method("GET");
  next.set_url("https://a.test/b");
  next.add_headers()->set_name("cookie");
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_FALSE(told->asked.request().headers(0).has_value());
  EXPECT_EQ(hop.response.next().headers(0).value(), "s3cret");

  v1::FollowRequest setting = question;
  Add(*setting.mutable_response()->mutable_headers(), "set-cookie", "a=b");
  ASSERT_TRUE(client.Follow(setting, hop, error));
  EXPECT_EQ(told->asked.request().headers(0).value(), "s3cret");
  question.mutable_chain()->add_cookies()->set_name("a");
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_EQ(told->asked.request().headers(0).value(), "s3cret");
}

}  // namespace
}  // namespace fingerpost

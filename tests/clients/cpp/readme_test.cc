// The blocks of client/cpp/README.md about web servers and about a user's own tests.
#include <chrono>
#include <string>

#include "fingerpost/client.h"
#include "fingerpost/testing.h"
#include "gtest/gtest.h"
#include "server/daemon.h"

namespace {

// Answers POST /login; `next` comes from its form.
bool AfterLogin(const fingerpost::Client& client, const fingerpost::v1::HttpRequest& request,
                const std::string& next, fingerpost::Decision& decision,
                fingerpost::v1::Error& error) {
  return client.Back(request, next, decision, error, "/") && decision.MustSend();
}

// `scheme` is the proxy's X-Forwarded-Proto if the connection comes from the proxy, otherwise the
// connection's own. `path` is unchanged and has its query, because a rule matches it octet by
// octet.
std::string EffectiveUrl(const std::string& scheme, const std::string& host,
                         const std::string& path) {
  return (scheme == "https" ? "https://" : "http://") + host + path;
}

// Health probes are not visitors, so no question is asked about them.
bool IsAsked(const std::string& path) { return path != "/healthz"; }

TEST(Readme, Order) {
  auto fake = std::make_shared<fingerpost::testing::FakeAnswerer>(R"(
    intents:
      order: {intent: {purpose: form_result, target: "/orders/{id}"}}
  )");
  const fingerpost::Client client(fake);

  fingerpost::v1::DecideRequest question;
  question.mutable_request()->set_method("POST");
  question.set_intent_name("order");
  (*question.mutable_parameters())["id"] = "1";

  fingerpost::Decision decision;
  fingerpost::v1::Error error;
  ASSERT_TRUE(client.Decide(question, decision, error)) << error.message();
  EXPECT_EQ(decision.response.status(), 303);
  EXPECT_EQ(decision.response.target(), "/orders/1");
  EXPECT_EQ(fake->decide_questions().size(), 1);
}

std::string LocationAfterLogin(const fingerpost::Client& client, const std::string& next) {
  fingerpost::v1::HttpRequest request;
  request.set_method("POST");
  request.set_url(EffectiveUrl("https", "shop.example", "/login"));
  fingerpost::Decision decision;
  fingerpost::v1::Error error;
  EXPECT_TRUE(AfterLogin(client, request, next, decision, error)) << error.message();
  EXPECT_EQ(decision.response.headers(0).name(), "Location");
  return decision.response.headers(0).value();
}

TEST(Readme, LeadsBackAfterALogin) {
  const fingerpost::testing::Daemon daemon;
  const fingerpost::Client client(daemon.address(), fingerpost::Transport::Plaintext(),
                                  {.decide_timeout = std::chrono::seconds(30)});
  EXPECT_EQ(LocationAfterLogin(client, "/orders"), "/orders");
  EXPECT_EQ(LocationAfterLogin(client, "https://shop.example/orders"),
            "https://shop.example/orders");
  EXPECT_EQ(LocationAfterLogin(client, "//evil.example"), "/");
  EXPECT_EQ(LocationAfterLogin(client, ""), "/");
}

TEST(Readme, BehindAProxyHttpsIsUpgradedOnce) {
  const fingerpost::testing::Daemon daemon;
  const fingerpost::Client client(daemon.address(), fingerpost::Transport::Plaintext(),
                                  {.decide_timeout = std::chrono::seconds(30)});
  fingerpost::v1::DecideRequest question;
  question.mutable_request()->set_method("GET");
  question.mutable_intent()->set_purpose(fingerpost::v1::PURPOSE_HTTPS_UPGRADE);
  fingerpost::Decision decision;
  fingerpost::v1::Error error;
  for (const std::string scheme : {"http", "https"}) {
    question.mutable_request()->set_url(EffectiveUrl(scheme, "shop.example", "/a%2Fb?c=d"));
    ASSERT_TRUE(client.Decide(question, decision, error)) << error.message();
    EXPECT_EQ(decision.MustSend(), scheme == "http");
  }
  EXPECT_FALSE(IsAsked("/healthz"));
  EXPECT_TRUE(IsAsked("/orders"));
}

}  // namespace

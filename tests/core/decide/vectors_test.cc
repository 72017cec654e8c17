// The exact answers to the documents' order form, octet by octet: field order, escaping and
// lengths. The golden corpus covers the answers of each purpose.
#include <gmock/gmock.h>

#include "core/decide/asking.h"

namespace fingerpost::decide {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kOrder[] =
    "request { method: 'POST' url: 'https://shop.example.com/orders' } "
    "intent { purpose: PURPOSE_FORM_RESULT target: '/orders/7829/confirmation' "
    "client: CLIENT_KIND_BROWSER } ";

TEST(DecideVectors, OrderForm) {
  const auto answer = Ask(kOrder);
  EXPECT_EQ(answer.outcome(), v1::OUTCOME_REDIRECT);
  EXPECT_EQ(answer.status(), 303);
  EXPECT_EQ(Wire(answer),
            "Location: /orders/7829/confirmation\n"
            "Cache-Control: no-store\n"
            "Content-Type: text/html; charset=utf-8\n"
            "Content-Length: 203\n"
            "X-Content-Type-Options: nosniff\n"
            "Content-Security-Policy: default-src 'none'\n");
  EXPECT_EQ(answer.body(),
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>303 See "
            "Other</title></head><body><p>303 See Other: <a "
            "href=\"/orders/7829/confirmation\">/orders/7829/confirmation</a></p></body></html>\n");
  EXPECT_EQ(answer.target(), "https://shop.example.com/orders/7829/confirmation");
  EXPECT_EQ(answer.reason().code(), v1::REASON_CODE_FORM_RESULT);
  EXPECT_THAT(answer.reason().citations(), ElementsAre("RFC 9110 §15.4.4"));
  EXPECT_EQ(answer.policy_version(), "v");
  EXPECT_THAT(WarningsOf(answer), IsEmpty());
}

TEST(DecideVectors, Flash) {
  const auto answer = Ask({kOrder, "intent { flash { text: 'Order placed successfully' } }"});
  EXPECT_EQ(FieldOf(answer, "Set-Cookie"),
            "__Host-flash=Order%20placed%20successfully; Path=/; Max-Age=60; Secure; HttpOnly; "
            "SameSite=Lax");
  EXPECT_EQ(answer.clear_cookie(),
            "__Host-flash=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
}

TEST(DecideVectors, Http10) {
  const auto answer = Ask({kOrder, "request { protocol: PROTOCOL_HTTP_1_0 }"});
  EXPECT_EQ(answer.status(), 302);
  EXPECT_EQ(FieldOf(answer, "Location"), "https://shop.example.com/orders/7829/confirmation");
  EXPECT_THAT(WarningsOf(answer), ElementsAre(v1::WARNING_CODE_HTTP_1_0_FALLBACK));
}

TEST(DecideVectors, Head) {
  const auto answer = Ask({kOrder, "request { method: 'HEAD' }"});
  EXPECT_EQ(answer.status(), 303);
  EXPECT_EQ(FieldOf(answer, "Content-Length"), "203");
  EXPECT_EQ(answer.body(), "");
  EXPECT_THAT(WarningsOf(answer), ElementsAre(v1::WARNING_CODE_FORM_RESULT_ON_SAFE_METHOD));
}

TEST(DecideVectors, TemporaryMove) {
  const std::string move =
      "request { url: 'https://api.example.com/webhooks' } "
      "intent { purpose: PURPOSE_TEMPORARY_MOVE target: '/v2/webhooks' } ";
  const auto post = Ask({move, "request { method: 'POST' }"});
  EXPECT_EQ(post.status(), 307);
  EXPECT_EQ(FieldOf(post, "Content-Length"), "195");
  EXPECT_EQ(FieldOf(post, "Cache-Control"), "no-store");
  const auto get = Ask({move, "request { method: 'GET' }"});
  EXPECT_EQ(get.status(), 307);
  EXPECT_EQ(FieldOf(get, "Cache-Control"), "no-cache");
  EXPECT_EQ(FieldOf(get, "Vary"), "Accept");
  const auto old = Ask({move, "request { method: 'POST' protocol: PROTOCOL_HTTP_1_0 }"});
  EXPECT_EQ(old.status(), 307);
  EXPECT_THAT(old.body(), HasSubstr("<a href=\"https://api.example.com/v2/webhooks\">"));
  EXPECT_THAT(WarningsOf(old), ElementsAre(v1::WARNING_CODE_HTTP_1_0_FALLBACK));
}

TEST(DecideVectors, Campaign) {
  const auto answer =
      Ask("request { method: 'GET' url: 'https://shop.example.com/spring-sale' } "
          "intent { purpose: PURPOSE_CAMPAIGN target: '/products?promo=spring' "
          "  cache { max_age { seconds: 300 } } window { until { seconds: 1000100 } } } "
          "now { seconds: 1000000 }");
  EXPECT_EQ(answer.status(), 302);
  EXPECT_EQ(FieldOf(answer, "Location"), "/products?promo=spring");
  EXPECT_EQ(FieldOf(answer, "Content-Length"), "189");
  EXPECT_EQ(FieldOf(answer, "Cache-Control"), "max-age=100");
  EXPECT_EQ(answer.now().seconds(), 1000000);
  EXPECT_THAT(WarningsOf(answer), ElementsAre(v1::WARNING_CODE_FRESHNESS_CAPPED));
}

TEST(DecideVectors, LowerCaseNames) {
  for (const std::string protocol : {"PROTOCOL_HTTP_2", "PROTOCOL_HTTP_3"}) {
    const auto answer = Ask({kOrder, "request { protocol: " + protocol + " }"});
    EXPECT_EQ(Wire(answer),
              "location: /orders/7829/confirmation\n"
              "cache-control: no-store\n"
              "content-type: text/html; charset=utf-8\n"
              "content-length: 203\n"
              "x-content-type-options: nosniff\n"
              "content-security-policy: default-src 'none'\n");
  }
}

TEST(DecideVectors, JsonAndText) {
  const auto json =
      Ask({kOrder, "request { headers { name: 'Accept' value: 'application/json' } }"});
  EXPECT_EQ(json.body(), "{\"status\":303,\"location\":\"/orders/7829/confirmation\"}");
  EXPECT_EQ(FieldOf(json, "Content-Type"), "application/json");
  const auto text = Ask({kOrder, "request { headers { name: 'Accept' value: 'text/plain' } }"});
  EXPECT_EQ(text.body(), "303 See Other: /orders/7829/confirmation\n");
}

TEST(DecideVectors, AuthorizationResponse) {
  const auto answer =
      Ask("request { method: 'POST' url: 'https://id.example.com/authorize' } "
          "intent { purpose: PURPOSE_AUTHORIZATION_RESPONSE target: "
          "'https://client.example.org/cb?a=b' "
          "  redirect_uris: 'https://client.example.org/cb?a=b' "
          "  response_parameters { name: 'code' value: 'SplxlOBeZQQYbYS6WxSbIA' } "
          "  response_parameters { name: 'state' value: 'x y&z' } }");
  EXPECT_EQ(answer.status(), 303);
  EXPECT_EQ(FieldOf(answer, "Location"),
            "https://client.example.org/cb?a=b&code=SplxlOBeZQQYbYS6WxSbIA&state=x%20y%26z");
  EXPECT_EQ(FieldOf(answer, "Cache-Control"), "no-store");
  EXPECT_EQ(FieldOf(answer, "Referrer-Policy"), "no-referrer");
  EXPECT_THAT(WarningsOf(answer), IsEmpty());
}

}  // namespace
}  // namespace fingerpost::decide

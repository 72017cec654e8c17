// The fields that an intent or the policy's defaults add to an answer: CORS, Link, cookies.
#include <gtest/gtest.h>

#include "policy/resolve/asking.h"
#include "policy/resolve/with_maps.h"

namespace fingerpost::policy::resolve {
namespace {

constexpr char kCors[] = R"(
defaults:
  require_https: true
  cors: {allowed_origins: ["https://app.example", "https://b.example"], allow_credentials: true}
  canonical: {host: h.example}
  allowed_hosts: [h.example]
hosts:
  - hosts: [open.example]
    defaults: {cors: {allowed_origins: ["*"]}}
rules:
  - {id: moved, match: {path: /moved}, intent: {purpose: permanent_move, target: /there}}
  - {id: own, match: {path: /own}, intent: {purpose: gone, cors: {allowed_origins: ["https://c.example"]}}}
  - {id: pass, match: {path: /pass}, pass: true}
)";

v1::DecideRequest From(const std::string& url, const std::string& origin) {
  v1::DecideRequest request = Get(url);
  v1::Header& header = *request.mutable_request()->add_headers();
  header.set_name("Origin");
  header.set_value(origin);
  return request;
}

std::string Allowed(const compiled::SnapshotPtr& policy, const std::string& url,
                    const std::string& origin) {
  return Field(Ask(policy, From(url, origin)), "Access-Control-Allow-Origin");
}

TEST(AnswerFields, DefaultCorsIsOnEveryRedirect) {
  const auto policy = Load(kCors);
  for (const char* url : {"https://h.example/moved", "http://h.example/moved",
                          "http://h.example/nothing", "https://h.example/moved?x"}) {
    EXPECT_EQ(Allowed(policy, url, "https://app.example"), "https://app.example") << url;
    EXPECT_EQ(Allowed(policy, url, "https://evil.example"), "(absent)") << url;
    const auto answer = Ask(policy, Get(url));
    EXPECT_NE(Field(answer, "Vary").find("Origin"), std::string::npos) << url;
  }
}

TEST(AnswerFields, ACorsOfAHostOrAnIntentReplacesTheDocuments) {
  const auto policy = Load(kCors);
  EXPECT_EQ(Allowed(policy, "https://open.example/moved", "https://any.example"), "*");
  EXPECT_EQ(Field(Ask(policy, From("https://open.example/moved", "https://app.example")),
                  "Access-Control-Allow-Credentials"),
            "(absent)");
  EXPECT_EQ(Allowed(policy, "https://h.example/own", "https://app.example"), "(absent)");
  EXPECT_EQ(Allowed(policy, "https://h.example/own", "https://c.example"), "https://c.example");
}

TEST(AnswerFields, PassHasNoCors) {
  const auto policy = Load(kCors);
  EXPECT_EQ(Allowed(policy, "https://h.example/pass", "https://app.example"), "(absent)");
  EXPECT_EQ(Allowed(policy, "https://h.example/nothing", "https://app.example"), "(absent)");
}

TEST(AnswerFields, AnAuthorsLinkMayNameAnyHostButATargetMayNot) {
  const auto policy = Load(R"(
rules:
  - id: blocked
    match: {path: /book}
    intent:
      purpose: unavailable_for_legal_reasons
      links: [{target: "https://court.example/order", rel: blocked-by}]
)");
  const auto answer = Ask(policy, Get("https://h.example/book"));
  EXPECT_EQ(answer.status(), 451);
  EXPECT_EQ(Field(answer, "Link"), "<https://court.example/order>; rel=\"blocked-by\"");
}

TEST(AnswerFields, ACookieForAnotherHostOfTheRuleIsLeftOut) {
  const auto policy = Load(R"(
rules:
  - id: a
    match: {path: /a}
    intent: {purpose: temporary_move, target: /b, cookies: [{name: c, domain: h.example}]}
)");
  EXPECT_EQ(Field(Ask(policy, Get("https://www.h.example/a")), "Set-Cookie"),
            "c=; Path=/; Domain=h.example; Secure; HttpOnly; SameSite=Lax");
  const auto other = Ask(policy, Get("https://o.example/a"));
  EXPECT_EQ(Field(other, "Set-Cookie"), "(absent)");
  ASSERT_EQ(other.warnings_size(), 1);
  EXPECT_EQ(other.warnings(0).code(), v1::WARNING_CODE_COOKIE_REFUSED);
}

using AnswerFieldsOfMaps = WithMaps;

TEST_F(AnswerFieldsOfMaps, RowsMayBe404And451) {
  Write("a.csv", "/gone,,410\n/none,,404\n/law,,451\n/there,/x\n");
  ASSERT_EQ(Told("maps: [{name: a, file: a.csv, intent: {robots: [noindex], cors: "
                 "{allowed_origins: [\"*\"]}}}]\n"),
            "");
  const std::pair<const char*, int> rows[] = {
      {"/gone", 410}, {"/none", 404}, {"/law", 451}, {"/there", 308}};
  for (const auto& [path, status] : rows) {
    const auto answer = Ask(policy_, Get(std::string("https://h.example") + path));
    EXPECT_EQ(answer.status(), status);
    EXPECT_EQ(Field(answer, "X-Robots-Tag"), "noindex") << path;
    EXPECT_EQ(Field(answer, "Access-Control-Allow-Origin"), "*") << path;
  }
}

}  // namespace
}  // namespace fingerpost::policy::resolve

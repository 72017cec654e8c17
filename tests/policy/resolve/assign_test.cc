// Sticky keys that are drawn on a first visit and kept in a cookie.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "done.h"
#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// XXH64("beta\0" + key) puts the draws 0 and 2 below one half and 3 above it.
constexpr uint32_t kIn = 0;
constexpr uint32_t kOut = 3;
constexpr char kShare[] = R"(
rules:
  - id: beta
    match:
      path: /
      share: {percent: 50, sticky_key: {cookie: bucket, assign: {max_age: 60s}}}
    intent: {purpose: permanent_move, target: /beta}
  - {id: other, match: {path: /, fields: [{name: X-Other}]}, intent: {purpose: campaign, target: /other}}
)";
constexpr char kLine[] = "; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax";

v1::DecideRequest FirstVisit(uint32_t draw) {
  v1::DecideRequest request = Get("https://h.example/");
  request.set_draw(draw);
  return request;
}

void AddField(const std::string& name, const std::string& value, v1::DecideRequest& request) {
  v1::Header& header = *request.mutable_request()->add_headers();
  header.set_name(name);
  header.set_value(value);
}

TEST(Assign, WhoIsInGetsTheAnswerWithTheCookie) {
  const auto answer = Ask(Load(kShare), FirstVisit(kIn));
  EXPECT_EQ(answer.rule(), "beta");
  EXPECT_EQ(answer.status(), 308);
  EXPECT_EQ(Field(answer, "Set-Cookie"), std::string("bucket=00000000") + kLine);
  EXPECT_EQ(Field(answer, "Cache-Control"), "private, max-age=86400");
  EXPECT_EQ(Field(answer, "Vary"), "Accept, Cookie");
}

// Without it the client would be drawn again at each visit, until it is in.
TEST(Assign, WhoIsOutGetsTheCookieWithWhateverAnswers) {
  const auto policy = Load(kShare);
  const auto pass = Ask(policy, FirstVisit(kOut));
  EXPECT_EQ(pass.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(Field(pass, "Set-Cookie"), std::string("bucket=00000003") + kLine);
  EXPECT_EQ(Field(pass, "Cache-Control"), "private");
  EXPECT_EQ(Field(pass, "Vary"), "Cookie, X-Other");

  v1::DecideRequest request = FirstVisit(kOut);
  AddField("X-Other", "1", request);
  const auto other = Ask(policy, request);
  EXPECT_EQ(other.rule(), "other");
  EXPECT_EQ(Field(other, "Set-Cookie"), std::string("bucket=00000003") + kLine);
  EXPECT_THAT(Field(other, "Cache-Control"), HasSubstr("private"));
}

TEST(Assign, TheCookieIsTheKeyFromThenOn) {
  const auto policy = Load(kShare);
  for (const uint32_t draw : {kIn, kOut}) {
    v1::DecideRequest request = FirstVisit(draw);
    AddField("Cookie", "a=b; bucket=00000000", request);
    EXPECT_EQ(Ask(policy, request).rule(), "beta");
    EXPECT_EQ(Field(Ask(policy, request), "Set-Cookie"), "(absent)");
    request.mutable_request()->mutable_headers(0)->set_value("bucket=00000003");
    EXPECT_EQ(Ask(policy, request).outcome(), v1::OUTCOME_PASS);
    EXPECT_EQ(Field(Ask(policy, request), "Set-Cookie"), "(absent)");
  }
}

// The withheld field may have the cookie, and a second one would move the client.
TEST(Assign, ACookieFieldThatIsWithheldIsNotReplaced) {
  v1::DecideRequest request = FirstVisit(kIn);
  request.mutable_request()->add_headers()->set_name("cookie");
  EXPECT_EQ(Field(Ask(Load(kShare), request), "Set-Cookie"), "(absent)");
}

TEST(Assign, TheCoreDrawsNothing) {
  v1::DecideRequest request = Get("https://h.example/");
  request.clear_draw();
  v1::DecideResponse out;
  v1::Error error;
  EXPECT_FALSE(IsDone(Decide(*Load(kShare), request, out), error));
  ASSERT_EQ(error.violations_size(), 1);
  EXPECT_EQ(error.violations(0).field(), "draw");
}

TEST(Assign, OneCookieForSeveralRulesIsSetOnce) {
  const auto policy = Load(R"(
rules:
  - id: beta
    match: {path: /, share: {percent: 50, sticky_key: {cookie: bucket, assign: {max_age: 60s}}}}
    intent: {purpose: gone}
  - id: split
    match: {path: /}
    intent:
      purpose: reroute
      weighted_targets: [{target: /a, weight: 1}, {target: /b, weight: 1}]
      sticky_key: {cookie: bucket, assign: {max_age: 60s}}
)");
  const auto answer = Ask(policy, FirstVisit(kOut));
  EXPECT_EQ(answer.rule(), "split");
  int lines = 0;
  for (const v1::Header& header : answer.headers()) lines += header.name() == "Set-Cookie" ? 1 : 0;
  EXPECT_EQ(lines, 1);
}

// About half of the first visits, and each client stays on its side at its next visit.
TEST(Assign, AShareIsAShareOfFirstVisits) {
  const auto policy = Load(kShare);
  constexpr uint32_t kVisits = 2000;
  uint32_t in = 0;
  for (uint32_t i = 0; i < kVisits; ++i) {
    v1::DecideRequest request = FirstVisit(i * 2654435761U);
    const auto first = Ask(policy, request);
    const std::string cookie = Field(first, "Set-Cookie");
    AddField("Cookie", cookie.substr(0, cookie.find(';')), request);
    request.set_draw(i);
    EXPECT_EQ(Ask(policy, request).outcome(), first.outcome());
    in += first.rule() == "beta" ? 1 : 0;
  }
  EXPECT_NEAR(in, kVisits / 2.0, kVisits / 20.0);
}

std::vector<std::string> Warnings(const std::string& text) {
  std::vector<std::string> all;
  for (const message::Fault& problem : load::FromText(text, "p.yaml").problems) {
    all.push_back(message::ToString(problem));
  }
  return all;
}

TEST(Assign, CheckWarnsOfAKeyThatIsNotThereYet) {
  EXPECT_THAT(Warnings(R"(
rules:
  - id: beta
    match: {path: /, share: {percent: 50, sticky_key: {cookie: session}}}
    intent: {purpose: gone}
  - id: split
    match: {path: /s}
    intent:
      purpose: reroute
      weighted_targets: [{target: /a, weight: 1}, {target: /b, weight: 1}]
      sticky_key: {cookie: session}
)"),
              ElementsAre(AllOf(HasSubstr("p.yaml:4:"),
                                HasSubstr("warning: rules[0].match.share.sticky_key:"),
                                HasSubstr("is never in the share")),
                          AllOf(HasSubstr("warning: rules[1].intent.sticky_key:"),
                                HasSubstr("always gets weighted_targets[0]"))));
  EXPECT_THAT(Warnings(R"(
intents:
  split:
    intent:
      purpose: reroute
      weighted_targets: [{target: /a, weight: 1}, {target: /b, weight: 1}]
      sticky_key: {cookie: session}
)"),
              ElementsAre(HasSubstr("warning: intents.split.intent.sticky_key:")));
}

TEST(Assign, CheckDoesNotWarnWhereTheKeyIsThere) {
  EXPECT_THAT(Warnings(kShare), ElementsAre());
  for (const char* match :
       {"share: {percent: 50, sticky_key: {cookie: session}}, cookies: [{name: session}]",
        "share: {percent: 50, sticky_key: {field: X-Account}}",
        "share: {percent: 100, sticky_key: {cookie: session}}"}) {
    EXPECT_THAT(Warnings("rules:\n  - {id: a, match: {path: /, " + std::string(match) +
                         "}, intent: {purpose: gone}}\n"),
                ElementsAre())
        << match;
  }
}

}  // namespace
}  // namespace fingerpost::policy::resolve

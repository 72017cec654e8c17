// Rules that end the search: the request is left alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Trace(const v1::DecideResponse& answer) {
  std::vector<std::string> steps;
  for (const v1::TraceStep& step : answer.explanation().trace()) {
    steps.push_back(step.rule() + (step.matched() ? " + " : " - ") + step.detail());
  }
  return steps;
}

v1::DecideResponse Explain(const compiled::SnapshotPtr& policy, v1::DecideRequest request) {
  request.set_explain(true);
  return Ask(policy, request);
}

void Add(const char* name, const char* value, v1::DecideRequest& request) {
  v1::Header& header = *request.mutable_request()->add_headers();
  header.set_name(name);
  header.set_value(value);
}

constexpr char kMovedSite[] = R"yaml(
defaults: {allowed_hosts: [new.example]}
rules:
  - id: well-known
    description: |
      The site's own:  certificates,
      app links.
    match: {path_prefix: /.well-known}
    pass: true
  - {id: health, match: {path: /healthz}, pass: true}
  - {id: drafts, match: {path_glob: "/wiki/*.draft"}, pass: true}
  - {id: wiki, match: {path_regex: "/wiki/(.*)"}, intent: {purpose: permanent_move, target: "https://new.example/w/{1}"}}
  - id: moved
    match: {path_prefix: /old}
    intent: {purpose: permanent_move, target: "https://new.example{rest}"}
  - {id: rest, intent: {purpose: gone}}
)yaml";

TEST(Pass, EndsTheSearch) {
  const auto policy = Load(kMovedSite);
  for (const char* path : {"/.well-known/acme-challenge/t", "/.well-known", "/healthz",
                           "/healthz?x=1", "/wiki/a.draft"}) {
    for (const char* method : {"GET", "HEAD", "POST"}) {
      v1::DecideRequest request = Get(std::string("https://old.example") + path);
      request.mutable_request()->set_method(method);
      const auto answer = Ask(policy, request);
      EXPECT_EQ(answer.outcome(), v1::OUTCOME_PASS) << path;
      EXPECT_EQ(answer.status(), 0);
      EXPECT_TRUE(answer.target().empty());
      EXPECT_THAT(answer.headers(), IsEmpty());
      EXPECT_EQ(answer.reason().code(), v1::REASON_CODE_NO_MATCH);
    }
  }
  EXPECT_EQ(Ask(policy, Get("https://old.example/wiki/a")).rule(), "wiki");
  EXPECT_EQ(Ask(policy, Get("https://old.example/healthz/")).rule(), "rest");
  EXPECT_EQ(Ask(policy, Get("https://old.example/old/.well-known")).rule(), "moved");
}

TEST(Pass, TakesPartInTheOrder) {
  const auto policy = Load(R"yaml(
rules:
  - {id: exact, match: {path: /a/b}, intent: {purpose: gone}}
  - {id: prefix, match: {path_prefix: /a}, pass: true}
  - {id: any, intent: {purpose: gone}}
)yaml");
  EXPECT_EQ(Ask(policy, Get("https://h.example/a/b")).status(), 410);
  EXPECT_EQ(Ask(policy, Get("https://h.example/a/c")).outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(Ask(policy, Get("https://h.example/b")).rule(), "any");
}

TEST(Pass, TheReasonIsTheDescriptionInOneLine) {
  const auto policy = Load(kMovedSite);
  const auto described = Ask(policy, Get("https://old.example/.well-known/x"));
  EXPECT_EQ(described.rule(), "well-known");
  EXPECT_EQ(described.reason().message(), "The site's own: certificates, app links.");
  EXPECT_THAT(described.reason().citations(), IsEmpty());
  EXPECT_EQ(Ask(policy, Get("https://old.example/healthz")).reason().message(),
            "A rule of the policy leaves the request alone.");
}

TEST(Pass, IsExplainedWithWhatItKeepsAway) {
  const auto policy = Load(kMovedSite);
  EXPECT_THAT(Trace(Explain(policy, Get("https://old.example/healthz"))),
              ElementsAre("rule.health + matches, and leaves the request alone",
                          "rule.rest + would match; health comes first"));
}

TEST(Pass, TellsWhatItDependedOn) {
  const auto policy = Load(R"yaml(
rules:
  - {id: preview, match: {path: /, fields: [{name: X-Preview}]}, pass: true}
  - {id: staff, match: {path: /, cookies: [{name: staff}]}, pass: true}
  - {id: others, match: {path: /}, intent: {purpose: temporary_move, target: /soon}}
)yaml");
  v1::DecideRequest request = Get("https://h.example/");
  EXPECT_EQ(Field(Ask(policy, request), "Vary"), "Accept, Cookie, X-Preview");
  Add("Cookie", "staff=1", request);
  const auto staff = Ask(policy, request);
  EXPECT_EQ(staff.rule(), "staff");
  EXPECT_EQ(Field(staff, "Vary"), "X-Preview, Cookie") << "beside the backend's own fields";
  EXPECT_EQ(staff.headers_size(), 1);
  Add("X-Preview", "1", request);
  EXPECT_EQ(Field(Ask(policy, request), "Vary"), "X-Preview");
}

TEST(Pass, OfAShareDrawsAndKeepsTheKey) {
  const auto policy = Load(R"yaml(
rules:
  - id: old-half
    match: {path: /, share: {percent: 100, sticky_key: {cookie: half, assign: {max_age: 60s}}}}
    pass: true
)yaml");
  v1::DecideRequest request = Get("https://h.example/");
  request.set_draw(7);
  const auto answer = Ask(policy, request);
  EXPECT_EQ(answer.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(Field(answer, "Cache-Control"), "private");
  EXPECT_THAT(Field(answer, "Set-Cookie"), ::testing::HasSubstr("half="));
}

TEST(Pass, InShadowModeOnlyExplains) {
  const auto policy = Load(R"yaml(
rules:
  - {id: maybe, shadow: true, match: {path_prefix: /a}, pass: true}
  - {id: moved, match: {path_prefix: /a/b}, intent: {purpose: gone}}
)yaml");
  const auto gone = Explain(policy, Get("https://h.example/a/b"));
  EXPECT_EQ(gone.rule(), "moved");
  const auto shadow = Explain(policy, Get("https://h.example/a"));
  EXPECT_EQ(shadow.reason().code(), v1::REASON_CODE_SHADOW);
  EXPECT_THAT(Trace(shadow), ElementsAre("rule.maybe + in shadow mode; would answer pass"));
}

TEST(Pass, AfterARuleBeforeItsWindowSaysWhichInstantWasUsed) {
  const auto policy = Load(R"yaml(
rules:
  - {id: sale, match: {path: /}, intent: {purpose: campaign, target: /sale, window: {from: "2026-06-01T00:00:00Z"}}}
  - {id: home, match: {path_prefix: /}, pass: true}
)yaml");
  const auto before = Ask(policy, Get("https://h.example/"));
  EXPECT_EQ(before.rule(), "home");
  EXPECT_EQ(before.now().seconds(), 1767225600);
  EXPECT_FALSE(Ask(policy, Get("https://h.example/x")).has_now());
  v1::DecideRequest later = Get("https://h.example/");
  later.mutable_now()->set_seconds(1782864000);  // 2026-07-01
  EXPECT_EQ(Ask(policy, later).rule(), "sale");
}

TEST(Pass, RequireHttpsComesFirstAndHasItsOwnExceptions) {
  const auto policy = Load(R"yaml(
defaults: {require_https: true, https_exempt: [/.well-known/acme-challenge/*]}
rules:
  - {id: well-known, match: {path_prefix: /.well-known}, pass: true}
  - {id: all, match: {path_glob: /**}, intent: {purpose: gone}}
)yaml");
  EXPECT_EQ(Ask(policy, Get("http://h.example/.well-known/assetlinks.json")).rule(), "https");
  EXPECT_EQ(Ask(policy, Get("https://h.example/.well-known/assetlinks.json")).rule(), "well-known");
  const auto challenge = Explain(policy, Get("http://h.example/.well-known/acme-challenge/t"));
  EXPECT_EQ(challenge.rule(), "well-known");
  EXPECT_EQ(Trace(challenge).front(), "defaults.require_https - https_exempt has the path");
}

}  // namespace
}  // namespace fingerpost::policy::resolve

// match.not: a rule for all except.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void Add(const char* name, const char* value, v1::DecideRequest& request) {
  v1::Header& header = *request.mutable_request()->add_headers();
  header.set_name(name);
  header.set_value(value);
}

std::vector<std::string> Trace(const compiled::SnapshotPtr& policy, v1::DecideRequest request) {
  request.set_explain(true);
  const auto answer = Ask(policy, request);
  std::vector<std::string> steps;
  for (const v1::TraceStep& step : answer.explanation().trace()) {
    if (step.rule().starts_with("rule.")) steps.push_back(step.rule() + ": " + step.detail());
  }
  return steps;
}

TEST(Exceptions, OfEachKindOfPath) {
  const auto policy = Load(R"yaml(
defaults: {allowed_hosts: [new.example]}
rules:
  - id: moved
    match:
      hosts: [old.example]
      path_prefix: /
      not:
        - {path: /imprint}
        - {path_prefix: /.well-known}
        - {path_glob: "/img/*.png"}
        - {path_regex: "/(de|fr)(/.*)?"}
    intent: {purpose: permanent_move, target: "https://new.example{rest}"}
)yaml");
  for (const char* path : {"/imprint", "/imprint?x", "/%69mprint", "/x/../imprint", "/.well-known",
                           "/.well-known/a/b", "/img/a.png", "/de", "/fr/", "/de/a"}) {
    EXPECT_EQ(Ask(policy, Get(std::string("https://old.example") + path)).outcome(),
              v1::OUTCOME_PASS)
        << path;
  }
  for (const char* path : {"/", "/imprint/", "/Imprint", "/.well-known2", "/img/a/b.png",
                           "/img/a.png.gif", "/den", "//imprint"}) {
    EXPECT_EQ(Ask(policy, Get(std::string("https://old.example") + path)).rule(), "moved") << path;
  }
}

// Each is a conjunction; one that holds is enough.
TEST(Exceptions, AskForAllOfTheirConditionsAndForOneOfThemselves) {
  const auto policy = Load(R"yaml(
rules:
  - id: moved
    match:
      not:
        - {hosts: [.keep.example], path_prefix: /a, methods: [GET]}
        - {query: [{name: preview}], cookies: [{name: staff}]}
        - {clients: [script], fields: [{name: X-Api, equals: "1"}]}
    intent: {purpose: gone}
)yaml");
  const auto holds = [&](const v1::DecideRequest& request) {
    return Ask(policy, request).rule().empty();
  };
  EXPECT_TRUE(holds(Get("https://www.keep.example/a/b")));
  EXPECT_FALSE(holds(Get("https://www.keep.example/b")));
  EXPECT_FALSE(holds(Get("https://other.example/a")));
  v1::DecideRequest request = Get("https://keep.example/a");
  request.mutable_request()->set_method("HEAD");
  EXPECT_TRUE(holds(request));
  request.mutable_request()->set_method("POST");
  EXPECT_FALSE(holds(request));

  v1::DecideRequest preview = Get("https://h.example/?preview");
  EXPECT_FALSE(holds(preview));
  Add("Cookie", "staff=1", preview);
  EXPECT_TRUE(holds(preview));
  preview.mutable_request()->set_url("https://h.example/");
  EXPECT_FALSE(holds(preview));

  v1::DecideRequest script = Get("https://h.example/");
  Add("Sec-Fetch-Mode", "cors", script);
  EXPECT_FALSE(holds(script));
  Add("X-Api", "1", script);
  EXPECT_TRUE(holds(script));
}

TEST(Exceptions, WhatTheyLookedAtIsInVaryAndNoMore) {
  const auto policy = Load(R"yaml(
rules:
  - id: login
    match:
      path_prefix: /app
      fields: [{name: X-Old}]
      not:
        - {path: /app/api, fields: [{name: X-Token}]}
        - {path_prefix: /app/public}
    intent: {purpose: temporary_move, target: /login}
)yaml");
  const auto vary = [&](const char* url, bool old) {
    v1::DecideRequest request = Get(url);
    if (old) Add("X-Old", "1", request);
    return Field(Ask(policy, request), "Vary");
  };
  EXPECT_EQ(vary("https://h.example/app/x", true), "Accept, X-Old");
  EXPECT_EQ(vary("https://h.example/app/x", false), "X-Old");
  EXPECT_EQ(vary("https://h.example/app/api", true), "Accept, X-Old, X-Token");
  EXPECT_EQ(vary("https://h.example/app/api", false), "X-Old") << "X-Token could change nothing";
  EXPECT_EQ(vary("https://h.example/app/public", true), "(absent)") << "nor could X-Old";
}

TEST(Exceptions, LeaveTheRequestToTheNextRuleAndCaptureNothing) {
  const auto policy = Load(R"yaml(
rules:
  - id: shop
    match: {path_glob: "/shop/*/*", not: [{path_regex: "/shop/(tea|mugs)/.*"}]}
    intent: {purpose: permanent_move, target: "/store/{1}/{2}"}
  - {id: rest, match: {path_regex: "/shop/.*"}, intent: {purpose: gone}}
)yaml");
  EXPECT_EQ(Field(Ask(policy, Get("https://h.example/shop/hats/7")), "Location"), "/store/hats/7");
  EXPECT_EQ(Ask(policy, Get("https://h.example/shop/tea/7")).rule(), "rest");
}

TEST(Exceptions, OfARuleThatPasses) {
  const auto policy = Load(R"yaml(
rules:
  - {id: app, match: {path_prefix: /app, not: [{path: /app/old}]}, pass: true}
  - {id: rest, intent: {purpose: gone}}
)yaml");
  EXPECT_EQ(Ask(policy, Get("https://h.example/app/new")).rule(), "app");
  EXPECT_EQ(Ask(policy, Get("https://h.example/app/old")).rule(), "rest");
}

TEST(Exceptions, AreExplained) {
  const auto policy = Load(R"yaml(
rules:
  - id: moved
    match: {path_prefix: /, not: [{path: /a}, {path: /b, fields: [{name: X}]}, {path_prefix: /b}]}
    intent: {purpose: gone}
)yaml");
  EXPECT_THAT(Trace(policy, Get("https://h.example/a")),
              ElementsAre("rule.moved: match.not[0] holds"));
  EXPECT_THAT(Trace(policy, Get("https://h.example/b")),
              ElementsAre("rule.moved: match.not[2] holds"));
  EXPECT_THAT(Trace(policy, Get("https://h.example/c")), ElementsAre("rule.moved: matches"));
}

TEST(Exceptions, OfAShadowRuleChangeNothing) {
  const auto policy = Load(R"yaml(
rules:
  - id: soon
    shadow: true
    match: {path_prefix: /, not: [{fields: [{name: X}]}, {path: /b}]}
    intent: {purpose: gone}
)yaml");
  const auto shadow = Ask(policy, Get("https://h.example/"));
  EXPECT_THAT(shadow.shadow_rules(), ElementsAre("soon"));
  EXPECT_THAT(shadow.headers(), IsEmpty());
  EXPECT_THAT(Ask(policy, Get("https://h.example/b")).shadow_rules(), IsEmpty());
}

// Without the exception both would be circles, which are refused.
TEST(Exceptions, OfHostsAndPathsEndCircles) {
  const auto policy = Load(R"yaml(
defaults: {allowed_hosts: [.shop.example]}
rules:
  - id: language
    match: {path_prefix: /, not: [{path_prefix: /de}, {hosts: [.shop.example]}]}
    intent: {purpose: temporary_move, target: "/de{rest}"}
  - id: www
    match: {path: /x, not: [{hosts: [www.shop.example]}]}
    intent: {purpose: permanent_move, target: "https://www.shop.example/x"}
)yaml");
  EXPECT_EQ(Field(Ask(policy, Get("https://h.example/a")), "Location"), "/de/a");
  EXPECT_EQ(Ask(policy, Get("https://h.example/de/a")).outcome(), v1::OUTCOME_PASS);
}

}  // namespace
}  // namespace fingerpost::policy::resolve

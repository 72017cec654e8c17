// A rule that only makes URLs canonical does not match a URL that is already canonical.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::IsEmpty;

constexpr std::string_view kCanonical = R"yaml(
defaults: {allowed_hosts: [.shop.example]}
intents:
  www: {intent: {purpose: canonical_url, target: "https://www.shop.example/{rest}", query: {mode: drop}}}
rules:
  - {id: shadow, shadow: true, match: {path_prefix: /}, intent: {purpose: canonical_url, target: "https://www.shop.example{rest}"}}
  - {id: host, match: {path_prefix: /, fields: [{name: X-A, present: false}]}, intent: {purpose: canonical_url, target: "https://www.shop.example{rest}"}}
  - {id: by-name, match: {path_prefix: /, fields: [{name: X-B}]}, intent_name: www}
  - {id: tls, match: {path_glob: "/**"}, intent: {purpose: https_upgrade}}
  - {id: moved, match: {path_regex: "/old(.*)"}, intent: {purpose: temporary_move, target: "/new{1}"}}
)yaml";

TEST(Canonical, WithNothingToDoTheNextRuleIsAsked) {
  const auto policy = Load(kCanonical);
  const auto moved = Ask(policy, Get("https://www.shop.example/old?x=1"));
  EXPECT_EQ(moved.rule(), "moved");
  EXPECT_EQ(Field(moved, "Location"), "/new");
  EXPECT_EQ(Field(moved, "Vary"), "Accept, X-A, X-B") << "the conditions were looked at";
  EXPECT_THAT(moved.shadow_rules(), IsEmpty());

  const auto host = Ask(policy, Get("https://shop.example/old?x=1"));
  EXPECT_EQ(host.rule(), "host");
  EXPECT_EQ(Field(host, "Location"), "https://www.shop.example/old?x=1");
  EXPECT_EQ(host.shadow_rules(0), "shadow");
}

TEST(Canonical, WithNothingToDoAndNoOtherRuleItIsPass) {
  const auto policy = Load(kCanonical);
  for (const char* method : {"GET", "HEAD", "POST", "DELETE"}) {
    v1::DecideRequest request = Get("https://www.shop.example/a?x");
    request.mutable_request()->set_method(method);
    v1::Header& field = *request.mutable_request()->add_headers();
    field.set_name("X-B");
    request.set_explain(true);
    const auto out = Ask(policy, request);
    // The named intent drops the query, so it applies.
    EXPECT_EQ(out.rule(), "by-name") << method;
    request.mutable_request()->set_url("https://www.shop.example/a");
    const auto pass = Ask(policy, request);
    EXPECT_EQ(pass.outcome(), v1::OUTCOME_PASS) << method;
    EXPECT_EQ(pass.reason().code(), v1::REASON_CODE_NO_MATCH) << method;
    EXPECT_EQ(Field(pass, "Vary"), "X-A, X-B") << method;
    ASSERT_EQ(pass.explanation().trace_size(), 4);
    for (const v1::TraceStep& step : pass.explanation().trace()) {
      EXPECT_FALSE(step.matched());
      EXPECT_EQ(step.detail(), "finds nothing to do: the URL is its target already");
    }
  }
}

TEST(Canonical, AnUpgradeActsOnHttpOnly) {
  const auto policy = Load(R"yaml(
rules:
  - {id: tls, intent: {purpose: https_upgrade}}
  - {id: rest, intent: {purpose: gone}}
)yaml");
  EXPECT_EQ(Ask(policy, Get("http://h.example/a")).rule(), "tls");
  EXPECT_EQ(Ask(policy, Get("https://h.example/a")).rule(), "rest");
}

TEST(Canonical, AnyOtherRuleThatLeadsToItselfIsRefused) {
  const load::Loaded loaded = load::FromText(R"yaml(
rules:
  - {id: a, match: {path_regex: "/a(.*)"}, intent: {purpose: temporary_move, target: "/a{1}"}}
)yaml",
                                             "p.yaml", {}, load::Checks::kNone);
  const auto out = Ask(loaded.snapshot, Get("https://h.example/a/b"));
  EXPECT_EQ(out.outcome(), v1::OUTCOME_REFUSE);
  EXPECT_EQ(out.reason().code(), v1::REASON_CODE_LOOP);
}

// A refused target does not count as an unchanged one.
TEST(Canonical, ABadCaptureIsRefusedAllTheSame) {
  load::Loaded loaded = load::FromText(R"yaml(
rules:
  - {id: a, match: {path_glob: "/a/*/*"}, intent: {purpose: canonical_url, target: "/{1}/{2}"}}
)yaml",
                                       "p.yaml");
  ASSERT_NE(loaded.snapshot, nullptr);
  EXPECT_EQ(Ask(loaded.snapshot, Get("https://h.example/a//evil.com")).outcome(),
            v1::OUTCOME_REFUSE);
}

}  // namespace
}  // namespace fingerpost::policy::resolve

// The answers of the policy's rules and maps, through the core.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Matching, FieldsOfBranchesNotTakenAreInVary) {
  const auto policy = Load(R"(
rules:
  - id: german
    match: {path: /, fields: [{name: Accept-Language, prefix: de}]}
    intent: {purpose: temporary_move, target: /de}
  - id: beta
    match: {path: /, cookies: [{name: beta, equals: "1"}]}
    intent: {purpose: temporary_move, target: /beta}
  - id: others
    match: {path: /}
    intent: {purpose: temporary_move, target: /en}
)");
  v1::DecideRequest request = Get("https://h.example/");
  EXPECT_EQ(Field(Ask(policy, request), "Vary"), "Accept, Accept-Language, Cookie");
  v1::Header& language = *request.mutable_request()->add_headers();
  language.set_name("accept-language");
  language.set_value("de-AT");
  const auto german = Ask(policy, request);
  EXPECT_EQ(german.rule(), "german");
  EXPECT_EQ(Field(german, "Vary"), "Accept, Accept-Language") << "the cookie was not looked at";
  EXPECT_EQ(Field(Ask(policy, Get("https://h.example/other")), "Vary"), "(absent)");
}

TEST(Matching, PassTellsWhatItDependedOn) {
  const auto policy = Load(R"(
rules:
  - id: beta
    match: {path: /, fields: [{name: X-Beta}]}
    intent: {purpose: temporary_move, target: /beta}
)");
  v1::DecideRequest request = Get("https://h.example/");
  const auto out = Ask(policy, request);
  EXPECT_EQ(out.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(out.status(), 0);
  EXPECT_EQ(Field(out, "Vary"), "X-Beta");
  for (const v1::Protocol protocol : {v1::PROTOCOL_HTTP_2, v1::PROTOCOL_HTTP_3}) {
    request.mutable_request()->set_protocol(protocol);
    EXPECT_EQ(Field(Ask(policy, request), "vary"), "X-Beta") << "a name of HTTP/2 is in lower case";
  }
}

TEST(Matching, PassListsFieldsAsTheRulesLookedAtThem) {
  const auto policy = Load(R"(
rules:
  - {id: b, match: {fields: [{name: X-B}, {name: X-A}]}, intent: {purpose: gone}}
  - {id: c, match: {clients: [script]}, intent: {purpose: gone}}
)");
  v1::DecideRequest request = Get("https://h.example/");
  v1::Header& field = *request.mutable_request()->add_headers();
  field.set_name("X-B");
  field.set_value("1");
  EXPECT_EQ(Field(Ask(policy, request), "Vary"),
            "X-B, X-A, Accept, Content-Type, HX-Boosted, HX-History-Restore-Request, HX-Request, "
            "Sec-Fetch-Mode, Turbo-Frame, X-Inertia, X-Requested-With");
}

TEST(Matching, ScriptsThatSwapPagesAreScriptsAndMayBeNamed) {
  const auto policy = Load(R"(
rules:
  - {id: htmx, match: {path: /a, clients: [htmx]}, intent: {purpose: gone}}
  - {id: script, match: {path: /a, clients: [script]}, intent: {purpose: gone}}
  - {id: other, match: {path: /a}, intent: {purpose: gone}}
)");
  const std::pair<const char*, const char*> cases[] = {{"HX-Request", "htmx"},
                                                       {"X-Inertia", "script"},
                                                       {"Turbo-Frame", "script"},
                                                       {"X-Nothing", "other"}};
  for (const auto& [name, rule] : cases) {
    v1::DecideRequest request = Get("https://h.example/a");
    v1::Header& field = *request.mutable_request()->add_headers();
    field.set_name(name);
    field.set_value("true");
    EXPECT_EQ(Ask(policy, request).rule(), rule) << name;
  }
}

TEST(Matching, AShadowRuleNeverActsAndIsNamed) {
  const auto policy = Load(R"(
rules:
  - {id: next, shadow: true, match: {path: /a}, intent: {purpose: permanent_move, target: "/b?token=1"}}
  - {id: now, match: {path_prefix: /a}, intent: {purpose: gone}}
  - {id: lonely, shadow: true, match: {path: /c, fields: [{name: X}]}, intent: {purpose: gone}}
)");
  v1::DecideRequest request = Get("https://h.example/a");
  request.set_explain(true);
  const auto out = Ask(policy, request);
  EXPECT_EQ(out.status(), 410);
  EXPECT_EQ(out.rule(), "now");
  EXPECT_THAT(out.shadow_rules(), ElementsAre("next"));
  EXPECT_EQ(out.explanation().trace(0).rule(), "rule.next");
  EXPECT_THAT(out.explanation().trace(0).detail(), HasSubstr("would answer redirect 308 to"));
  EXPECT_THAT(out.explanation().trace(0).detail(), Not(HasSubstr("token")));

  request = Get("https://h.example/c");
  v1::Header& field = *request.mutable_request()->add_headers();
  field.set_name("X");
  field.set_value("1");
  const auto lonely = Ask(policy, request);
  EXPECT_EQ(lonely.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(lonely.reason().code(), v1::REASON_CODE_SHADOW);
  EXPECT_THAT(lonely.shadow_rules(), ElementsAre("lonely"));
  EXPECT_EQ(Field(lonely, "Vary"), "(absent)") << "what it reads changes nothing";
}

// It is visited for each of its hosts that matches.
TEST(Matching, AShadowRuleIsNamedOnceWhateverItsHosts) {
  const auto policy = Load(R"(
rules:
  - {id: s, shadow: true, match: {hosts: [a.h.example, .h.example, "*.h.example"], path: /a}, intent: {purpose: gone}}
)");
  EXPECT_THAT(Ask(policy, Get("https://a.h.example/a")).shadow_rules(), ElementsAre("s"));
}

TEST(Matching, ExplainsTheWinnerAndTheRunnersUp) {
  const auto policy = Load(R"(
rules:
  - {id: post, match: {path: /a, methods: [POST]}, intent: {purpose: gone}}
  - {id: exact, match: {path: /a}, intent: {purpose: permanent_move, target: /b}}
  - {id: prefix, match: {path_prefix: /a}, intent: {purpose: gone}}
)");
  v1::DecideRequest request = Get("https://h.example/a");
  request.set_explain(true);
  const auto out = Ask(policy, request);
  ASSERT_GE(out.explanation().trace_size(), 4);
  const auto step = [&](int i) {
    const v1::TraceStep& trace = out.explanation().trace(i);
    return trace.rule() + (trace.matched() ? " + " : " - ") + trace.detail();
  };
  EXPECT_EQ(step(0), "rule.post - match.methods does not hold: it is for POST");
  EXPECT_EQ(step(1), "rule.exact + matches");
  EXPECT_EQ(step(2), "rule.prefix + would match; exact comes first");
  const v1::TraceStep& core = out.explanation().trace(3);
  EXPECT_TRUE(core.citations_size() > 0 || !core.rule().empty()) << "then the core's steps";
  request.set_explain(false);
  auto plain = Ask(policy, request);
  EXPECT_FALSE(plain.has_explanation());
  plain.clear_explanation();
  auto explained = out;
  explained.clear_explanation();
  EXPECT_EQ(plain.SerializeAsString(), explained.SerializeAsString())
      << "explaining changes nothing";
}

TEST(Matching, HttpIsUpgradedBeforeEveryRule) {
  const auto policy = Load(R"(
defaults: {require_https: true}
rules:
  - {id: a, match: {path: /a}, intent: {purpose: gone}}
)");
  const auto out = Ask(policy, Get("http://h.example/a?b"));
  EXPECT_EQ(out.rule(), "https");
  EXPECT_EQ(out.status(), 308);
  EXPECT_EQ(Field(out, "Location"), "https://h.example/a?b");
  EXPECT_EQ(Ask(policy, Get("https://h.example/a")).rule(), "a");
}

TEST(Matching, AHostHasItsOwnDefaults) {
  const auto policy = Load(R"(
defaults: {permanent_max_age: 60s, gone_max_age: 61s}
hosts:
  - hosts: [.slow.example]
    defaults: {permanent_max_age: 600s}
rules:
  - {id: moved, match: {path: /a}, intent: {purpose: permanent_move, target: /b}}
  - {id: gone, match: {path: /c}, intent: {purpose: gone}}
)");
  EXPECT_EQ(Field(Ask(policy, Get("https://h.example/a")), "Cache-Control"), "max-age=60");
  EXPECT_EQ(Field(Ask(policy, Get("https://a.slow.example/a")), "Cache-Control"), "max-age=600");
  EXPECT_EQ(Field(Ask(policy, Get("https://a.slow.example/c")), "Cache-Control"), "max-age=61")
      << "what is not set is the document's";
}

TEST(Matching, ACaptureNeverChoosesTheHost) {
  const auto policy = Load(R"yaml(
rules:
  - {id: out, match: {path_glob: "/out/**"}, intent: {purpose: temporary_move, target: "/{1}"}}
  - {id: rest, match: {path_prefix: /r}, intent: {purpose: temporary_move, target: "/{rest}"}}
  - {id: regex, match: {path_regex: "/x(.*)"}, intent: {purpose: temporary_move, target: "/{1}"}}
)yaml");
  for (const char* path :
       {"/out//evil.example/", "/out/https://evil.example/", "/out/%2F%2Fevil.example",
        "/out/\\evil.example", "/out/%5C%5Cevil.example", "/r//evil.example", "/r///evil.example",
        "/x/evil.example", "/x//evil.example", "/x/%09/evil.example", "/x%0d%0aSet-Cookie:a=b",
        "/out/..//evil.example", "/out/@evil.example", "/x:80@evil.example"}) {
    const auto out = Ask(policy, Get(std::string("https://h.example") + path));
    if (out.outcome() != v1::OUTCOME_REDIRECT) continue;
    const auto base = http::ParseUrl("https://h.example/");
    const auto target = http::ParseUrl(Field(out, "Location"), &*base);
    ASSERT_TRUE(target) << path;
    EXPECT_EQ(target->get_host(), "h.example") << path << " -> " << Field(out, "Location");
  }
}

TEST(Matching, CapturesFillTextsDecoded) {
  const auto policy = Load(R"yaml(
rules:
  - id: saved
    match: {path_glob: /save/*, methods: [POST]}
    intent: {purpose: form_result, target: "/docs/{1}", flash: {text: "Saved {1}"}}
)yaml");
  v1::DecideRequest request = Get("https://h.example/save/caf%C3%A9%20%7B1%7D");
  request.mutable_request()->set_method("POST");
  EXPECT_THAT(Field(Ask(policy, request), "Set-Cookie"),
              HasSubstr("flash=Saved%20caf%C3%A9%20%7B1%7D; "));
  for (const char* odd : {"%0d%0aX:1", "%FF", "%00"}) {
    request.mutable_request()->set_url(std::string("https://h.example/save/") + odd);
    const std::string cookie = Field(Ask(policy, request), "Set-Cookie");
    EXPECT_THAT(cookie, HasSubstr("flash=Saved%20%25")) << odd << ": as it was sent";
  }
}

// The campaign is in January; the shop's other rules hold at all times.
constexpr std::string_view kWindows = R"yaml(
defaults: {permanent_max_age: 86400s}
rules:
  - id: gone-after
    match: {path: /gone}
    intent: {purpose: campaign, target: /sale, window: {from: "2026-01-10T00:00:00Z", until: "2026-01-20T00:00:00Z"}}
  - id: pass-after
    match: {path: /pass, fields: [{name: X-A, present: false}]}
    intent:
      purpose: campaign
      target: /sale
      window: {from: "2026-01-10T00:00:00Z", until: "2026-01-20T00:00:00Z", afterwards: pass}
  - id: lonely
    match: {path: /lonely}
    intent: {purpose: campaign, target: /sale, window: {until: "2026-01-20T00:00:00Z", afterwards: pass}}
  - id: always
    match: {path_regex: "/(gone|pass)"}
    intent: {purpose: permanent_move, target: /moved}
)yaml";
constexpr int64_t kTenth = 1768003200;      // 2026-01-10T00:00:00Z
constexpr int64_t kTwentieth = 1768867200;  // 2026-01-20T00:00:00Z

v1::DecideRequest GetAt(const std::string& path, int64_t seconds) {
  v1::DecideRequest request = Get("https://h.example" + path);
  request.mutable_now()->set_seconds(seconds);
  return request;
}

TEST(Matching, OutsideItsWindowARuleLeavesTheRequestToTheNext) {
  const auto policy = Load(kWindows);
  EXPECT_EQ(Ask(policy, GetAt("/gone", kTenth - 1)).rule(), "always");
  EXPECT_EQ(Ask(policy, GetAt("/gone", kTenth)).rule(), "gone-after");
  EXPECT_EQ(Ask(policy, GetAt("/gone", kTwentieth - 1)).status(), 302);
  EXPECT_EQ(Ask(policy, GetAt("/gone", kTwentieth)).status(), 410) << "gone is an answer";
  EXPECT_EQ(Ask(policy, GetAt("/pass", kTenth - 1)).rule(), "always");
  EXPECT_EQ(Ask(policy, GetAt("/pass", kTenth)).rule(), "pass-after");
  const auto after = Ask(policy, GetAt("/pass", kTwentieth));
  EXPECT_EQ(after.rule(), "always");
  EXPECT_EQ(Field(after, "Vary"), "Accept, X-A") << "the conditions were looked at";

  const auto lonely = Ask(policy, GetAt("/lonely", kTwentieth));
  EXPECT_EQ(lonely.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(lonely.reason().code(), v1::REASON_CODE_WINDOW_OVER);
  EXPECT_EQ(lonely.rule(), "lonely");
}

TEST(Matching, PassOutsideAWindowDependsOnWhatOtherRulesLookedAt) {
  const auto policy = Load(R"(
rules:
  - {id: beta, match: {path: /a, fields: [{name: X-Beta}]}, intent: {purpose: temporary_move, target: /b}}
  - {id: later, match: {path: /a}, intent: {purpose: campaign, target: /c, window: {from: "2030-01-01T00:00:00Z"}}}
)");
  const auto out = Ask(policy, GetAt("/a", kTenth));
  EXPECT_EQ(out.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(out.rule(), "later");
  EXPECT_EQ(Field(out, "Vary"), "X-Beta");
}

TEST(Matching, WhatStandsInForARuleIsFreshUntilThatRuleBegins) {
  const auto policy = Load(kWindows);
  EXPECT_EQ(Field(Ask(policy, GetAt("/gone", kTenth - 100)), "Cache-Control"), "max-age=100");
  EXPECT_EQ(Field(Ask(policy, GetAt("/gone", kTenth - 100'000)), "Cache-Control"), "max-age=86400");
  const auto after = Ask(policy, GetAt("/pass", kTwentieth));
  EXPECT_EQ(Field(after, "Cache-Control"), "max-age=86400") << "nothing is to come";
}

TEST(Matching, OneCampaignAfterTheOtherOnOnePath) {
  const auto policy = Load(R"(
rules:
  - id: winter
    match: {path: /sale}
    intent: {purpose: campaign, target: /winter, window: {until: "2026-01-10T00:00:00Z", afterwards: pass}}
  - id: spring
    match: {path: /sale}
    intent: {purpose: campaign, target: /spring, window: {from: "2026-01-20T00:00:00Z"}}
  - id: between
    match: {path: /sale}
    intent: {purpose: temporary_move, target: /outlet}
)");
  EXPECT_EQ(Ask(policy, GetAt("/sale", kTenth - 1)).rule(), "winter");
  EXPECT_EQ(Ask(policy, GetAt("/sale", kTenth)).rule(), "between");
  EXPECT_EQ(Ask(policy, GetAt("/sale", kTwentieth - 1)).rule(), "between");
  EXPECT_EQ(Ask(policy, GetAt("/sale", kTwentieth)).rule(), "spring");
}

TEST(Matching, ExplainNamesARuleOutsideItsWindow) {
  const auto policy = Load(kWindows);
  v1::DecideRequest request = GetAt("/gone", kTenth - 1);
  request.set_explain(true);
  const v1::TraceStep step = Ask(policy, request).explanation().trace(0);
  EXPECT_EQ(step.rule(), "rule.gone-after");
  EXPECT_EQ(step.detail(), "matches, but not at this time");
  EXPECT_FALSE(step.matched());
}

}  // namespace
}  // namespace fingerpost::policy::resolve

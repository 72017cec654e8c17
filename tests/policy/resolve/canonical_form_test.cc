// The one right form of a site's URLs: host, slash, case and scheme, in one hop and never in a
// circle.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

// "301 https://…", or the outcome.
std::string Told(const compiled::SnapshotPtr& policy, const std::string& url,
                 const std::string& method = "GET") {
  v1::DecideRequest request = Get(url);
  request.mutable_request()->set_method(method);
  const auto answer = Ask(policy, request);
  if (answer.outcome() != v1::OUTCOME_REDIRECT) return v1::Outcome_Name(answer.outcome()).substr(8);
  return std::to_string(answer.status()) + " " + Field(answer, "Location") + " " + answer.rule();
}

constexpr char kAll[] = R"(
defaults:
  allowed_hosts: [www.a.example]
  canonical: {host: www.a.example, slash: remove, case: lower}
  require_https: true
  https_exempt: [/healthz]
rules:
  - {id: stay, description: App links, match: {path_prefix: /Links/}, pass: true}
  - {id: moved, match: {path: /old}, intent: {purpose: permanent_move, target: /new}}
  - {id: on-apex, match: {hosts: [a.example], path: /only-apex}, intent: {purpose: gone}}
)";

TEST(CanonicalForm, OneHopForSchemeHostSlashAndCase) {
  std::string text(kAll);
  text.replace(text.find("/Links/"), 7, "/Links");
  const auto policy = Load(text);
  EXPECT_EQ(Told(policy, "http://a.example/About/?Q=1&&"),
            "301 https://www.a.example/about?Q=1&& canonical");
  EXPECT_EQ(Told(policy, "http://a.example/About/?Q=1", "POST"),
            "308 https://www.a.example/about?Q=1 canonical");
  EXPECT_EQ(Told(policy, "https://a.example/about"), "301 https://www.a.example/about canonical");
  EXPECT_EQ(Told(policy, "https://www.a.example/About/?"), "301 /about? canonical");
  EXPECT_EQ(Told(policy, "https://www.a.example/about?X=Y"), "PASS");
  EXPECT_EQ(Told(policy, "http://www.a.example/about"), "308 https://www.a.example/about https");
  EXPECT_EQ(Told(policy, "https://a.example:8443/"), "301 https://www.a.example:8443/ canonical");
  EXPECT_EQ(Told(policy, "https://www.a.example./"), "301 https://www.a.example/ canonical");
  EXPECT_EQ(Told(policy, "https://192.0.2.1/"), "301 https://www.a.example/ canonical");
  // Rules come first, in any form; what they say over https is not skipped.
  EXPECT_EQ(Told(policy, "https://a.example/old"), "308 /new moved");
  EXPECT_EQ(Told(policy, "http://a.example/old"), "308 https://a.example/old https");
  EXPECT_EQ(Told(policy, "http://a.example/only-apex"), "308 https://a.example/only-apex https");
  EXPECT_EQ(Told(policy, "https://a.example/Links/X/"), "PASS");
  EXPECT_EQ(Told(policy, "http://a.example/Links/X/"), "308 https://a.example/Links/X/ https");
  // A probe follows no redirect.
  EXPECT_EQ(Told(policy, "http://192.0.2.1/healthz"), "PASS");
  EXPECT_EQ(Told(policy, "https://192.0.2.1/healthz"),
            "301 https://www.a.example/healthz canonical");
}

// A browser sends neither Secure cookies nor Sec- fields nor the credentials of https over http, so
// what a rule says that reads them is not known there.
TEST(CanonicalForm, HttpsComesFirstWhereARuleReadsWhatHttpDoesNotCarry) {
  const auto policy = Load(R"(
defaults:
  allowed_hosts: [www.a.example]
  canonical: {host: www.a.example}
  require_https: true
rules:
  - {id: staff, match: {path: /staff, cookies: [{name: staff}]}, pass: true}
  - {id: share, match: {path: /share, share: {percent: 50, sticky_key: {cookie: bucket, assign: {max_age: 60s}}}}, intent: {purpose: temporary_move, target: /beta}}
  - {id: script, match: {path: /script, clients: [script]}, pass: true}
  - {id: site, match: {path: /site, fields: [{name: sec-fetch-site, equals: none}]}, pass: true}
  - {id: user, match: {path: /user, fields: [{name: authorization}]}, pass: true}
  - {id: not-staff, match: {path: /not, not: [{cookies: [{name: staff, present: false}]}]}, pass: true}
  - {id: posted, match: {path: /posted, methods: [POST], cookies: [{name: staff}]}, pass: true}
  - {id: german, match: {path: /de, accept_language: {prefers: [de]}}, pass: true}
)");
  for (const std::string path : {"/staff", "/share", "/script", "/site", "/user", "/not"}) {
    v1::DecideRequest request = Get("http://a.example" + path);
    request.set_draw(0);
    const auto answer = Ask(policy, request);
    EXPECT_EQ(Field(answer, "Location"), "https://a.example" + path);
    EXPECT_EQ(answer.rule(), "https") << path;
    // The answer is the same whatever they say.
    EXPECT_EQ(Field(answer, "Vary"), Field(Ask(policy, Get("http://www.a.example/x")), "Vary"))
        << path;
    EXPECT_EQ(Field(answer, "Set-Cookie"), "(absent)") << path;
  }
  EXPECT_EQ(Told(policy, "https://a.example/staff"), "301 https://www.a.example/staff canonical");
  // What the rule reads does not change with the scheme, or is not read.
  EXPECT_EQ(Told(policy, "http://a.example/posted"), "301 https://www.a.example/posted canonical");
  EXPECT_EQ(Told(policy, "http://a.example/posted", "POST"), "308 https://a.example/posted https");
  EXPECT_EQ(Told(policy, "http://a.example/de"), "301 https://www.a.example/de canonical");
}

TEST(CanonicalForm, PreloadedHostsLeadToHttpsFirst) {
  const auto policy = Load(R"(
defaults:
  allowed_hosts: [www.a.example]
  canonical: {host: www.a.example}
  require_https: true
  hsts: {max_age: 31536000s, include_subdomains: true, preload: true}
)");
  EXPECT_EQ(Told(policy, "http://a.example/x?y"), "308 https://a.example/x?y https");
  EXPECT_EQ(Told(policy, "https://a.example/x?y"), "301 https://www.a.example/x?y canonical");
}

TEST(CanonicalForm, SlashAndCase) {
  const auto add = Load("defaults: {canonical: {slash: add}}\n");
  EXPECT_EQ(Told(add, "http://h.example/a?q"), "301 /a/?q canonical");
  EXPECT_EQ(Told(add, "http://h.example/a/"), "PASS");
  EXPECT_EQ(Told(add, "http://h.example/a.pdf"), "PASS");
  EXPECT_EQ(Told(add, "http://h.example/a.b/c"), "301 /a.b/c/ canonical");
  EXPECT_EQ(Told(add, "http://h.example/.well-known/security"), "PASS");
  EXPECT_EQ(Told(add, "http://h.example//evil"), "301 http://h.example//evil/ canonical")
      << "never a host";
  const auto remove = Load("defaults: {canonical: {slash: remove}}\n");
  EXPECT_EQ(Told(remove, "http://h.example/"), "PASS");
  EXPECT_EQ(Told(remove, "http://h.example//"), "301 / canonical");
  EXPECT_EQ(Told(remove, "http://h.example/a//"), "301 /a canonical");
  EXPECT_EQ(Told(remove, "http://h.example//evil.example/"),
            "301 http://h.example//evil.example canonical");
  EXPECT_EQ(Told(remove, "http://h.example/.well-known/a/"), "PASS");
  const auto lower = Load("defaults: {canonical: {case: lower}}\n");
  EXPECT_EQ(Told(lower, "http://h.example/A%2Fb%41c?Q"), "301 /a%2Fb%61c?Q canonical");
  EXPECT_EQ(Told(lower, "http://h.example/a%2F%C3%89"), "PASS");
  EXPECT_EQ(Told(lower, "http://h.example/.well-known/acme-challenge/ToKeN"), "PASS");
  EXPECT_EQ(Told(lower, "http://h.example/%%41B%zA%4"), "301 /%%61b%za%4 canonical");
}

TEST(CanonicalForm, EachHostHasItsOwnAsAWhole) {
  const auto policy = Load(R"(
defaults: {allowed_hosts: [www.a.example], canonical: {host: www.a.example, case: lower}}
hosts:
  - {hosts: [.b.example], defaults: {canonical: {host: b.example}}}
  - {hosts: [api.b.example], defaults: {canonical: {}}}
  - {hosts: [b.example], defaults: {canonical: {slash: remove}, require_https: true}}
  - {hosts: [c.example], defaults: {gone_max_age: 60s}}
)");
  EXPECT_EQ(Told(policy, "https://x.example/A/"), "301 https://www.a.example/a/ canonical");
  EXPECT_EQ(Told(policy, "https://c.example/A/"), "301 https://www.a.example/a/ canonical");
  EXPECT_EQ(Told(policy, "https://api.b.example/A/"), "PASS");
  // The form, and the scheme, of the host that it leads to: one hop.
  EXPECT_EQ(Told(policy, "http://www.b.example/A/"), "301 https://b.example/A canonical");
  EXPECT_EQ(Told(policy, "https://b.example/A/"), "301 /A canonical");
  EXPECT_EQ(Told(policy, "https://b.example/A"), "PASS");
}

TEST(CanonicalForm, KeepsTheQueryWhateverTheDefaultsSay) {
  for (const char* mode : {"drop", "append", "merge_request_wins"}) {
    const auto policy =
        Load("defaults: {canonical: {case: lower}, query: {mode: " + std::string(mode) + "}}\n");
    EXPECT_EQ(Told(policy, "https://h.example/A?b&&c={x}"), "301 /a?b&&c=%7Bx%7D canonical");
  }
}

TEST(CanonicalForm, VaryAndFreshnessAreThoseOfTheRulesBefore) {
  const auto policy = Load(R"(
defaults: {canonical: {case: lower}, require_https: true}
rules:
  - {id: a, match: {path: /A, fields: [{name: X-A}]}, intent: {purpose: gone}}
  - {id: b, match: {path: /B}, intent: {purpose: campaign, target: /c, window: {from: "2026-01-01T00:01:00Z"}}}
  - {id: c, shadow: true, match: {path: /C}, intent: {purpose: gone}}
)");
  EXPECT_THAT(Field(Ask(policy, Get("https://h.example/A")), "Vary"), ::testing::HasSubstr("X-A"));
  EXPECT_THAT(Field(Ask(policy, Get("http://h.example/A")), "Vary"), ::testing::HasSubstr("X-A"));
  // now is 2026-01-01T00:00:00Z.
  EXPECT_EQ(Field(Ask(policy, Get("https://h.example/B")), "Cache-Control"), "max-age=60");
  const auto shadowed = Ask(policy, Get("https://h.example/C"));
  EXPECT_EQ(shadowed.rule(), "canonical");
  EXPECT_EQ(shadowed.shadow_rules_size(), 1);
}

TEST(CanonicalForm, IsExplained) {
  const auto policy = Load(R"(
defaults: {canonical: {case: lower}, require_https: true}
rules:
  - {id: a, match: {path: /A}, intent: {purpose: gone}}
)");
  const auto traced = [&](const std::string& url) {
    v1::DecideRequest request = Get(url);
    request.set_explain(true);
    const auto answer = Ask(policy, request);
    std::vector<std::string> steps;
    for (const v1::TraceStep& step : answer.explanation().trace()) {
      if (step.rule().starts_with("defaults.")) steps.push_back(step.rule() + ": " + step.detail());
    }
    return steps;
  };
  EXPECT_THAT(traced("https://h.example/B"),
              Contains("defaults.canonical: the URL has another form"));
  EXPECT_THAT(traced("https://h.example/A"),
              Contains("defaults.canonical: would match; a comes first"));
  EXPECT_THAT(traced("http://h.example/A"),
              Contains("defaults.require_https: the request came by http; over https a answers"));
  EXPECT_THAT(traced("https://h.example/b"), IsEmpty());
}

// Whatever is asked: one hop, and then no other.
TEST(CanonicalForm, IsAFixedPoint) {
  std::mt19937_64 random(std::random_device{}());
  const auto pick = [&random](const std::vector<std::string>& texts) {
    return texts[random() % texts.size()];
  };
  for (int i = 0; i < 20; ++i) {
    std::string form = "slash: " + pick({"add", "remove"}) + ", case: lower";
    if (random() % 2 == 0)
      form += ", host: " + pick({"a.example", "\"[::1]\"", "xn--bcher-kva.example"});
    const auto policy = Load(
        "defaults: {allowed_hosts: [a.example, \"[::1]\", xn--bcher-kva.example], require_https: " +
        pick({"true", "false"}) + ", canonical: {" + form + "}}\n");
    for (int j = 0; j < 2000; ++j) {
      std::string url = pick({"http://", "https://"}) +
                        pick({"a.example", "B.example", "a.example.:81", "[::1]", "1.2.3.4"});
      for (size_t n = random() % 7; n > 0; --n) {
        url += pick({"/", "/", "A", "a.b", "%41", "%2f", "%", "4", "1", ".well-known", "..", "é",
                     "\\", ";", "@", "%C3%89"});
      }
      url += pick({"", "?", "?A=1", "?/A/", "#A/"});
      if (!http::ParseUrl(url)) continue;
      v1::DecideRequest request = Get(url);
      const auto first = Ask(policy, request);
      if (first.outcome() == v1::OUTCOME_PASS) continue;
      ASSERT_EQ(first.outcome(), v1::OUTCOME_REDIRECT) << url << ' ' << form;
      request.mutable_request()->set_url(first.target());
      const auto second = Ask(policy, request);
      ASSERT_EQ(second.outcome(), v1::OUTCOME_PASS)
          << url << " -> " << first.target() << " -> " << second.target() << ' ' << form;
    }
  }
}

}  // namespace
}  // namespace fingerpost::policy::resolve

// A rule's captures never choose where a target leads, in any kind of target and wish.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::HasSubstr;

// Loads a policy that `policy check` may warn about.
compiled::SnapshotPtr LoadAnyway(std::string_view text) {
  load::Loaded loaded = load::FromText(text, "p.yaml");
  for (const message::Fault& problem : loaded.problems) {
    if (problem.severity == message::Severity::kError) ADD_FAILURE() << message::ToString(problem);
  }
  return loaded.snapshot;
}

// Every form in which a policy can send a capture.
constexpr std::string_view kEveryForm = R"yaml(
intents:
  named: {intent: {purpose: permanent_move, target: "/{2}/{1}"}}
rules:
  - {id: swap, match: {path_glob: "/old/*/*"}, intent: {purpose: permanent_move, target: "/{2}/{1}"}}
  - {id: both, match: {path_glob: "/both/*/*"}, intent: {purpose: permanent_move, target: "/{1}/{2}/"}}
  - {id: language, match: {path_regex: "/l/(?:(de|fr)/)?([a-z.]+)"}, intent: {purpose: permanent_move, target: "/{1}/{2}"}}
  - {id: out, match: {path_prefix: /out}, intent: {purpose: permanent_move, target: "/{rest}/evil.com"}}
  - {id: backslash, match: {path_glob: "/b/*/*"}, intent: {purpose: permanent_move, target: '/{1}\{2}'}}
  - {id: plus, match: {path_glob: "/p/*/*"}, intent: {purpose: permanent_move, target: "/{+1}/{+2}"}}
  - {id: slash, match: {path_glob: "/s/**"}, intent: {purpose: permanent_move, target: "/{1}"}}
  - id: weighted
    match: {path_glob: "/w/*/*", cookies: [{name: c}]}
    intent: {purpose: reroute, weighted_targets: [{target: "/{1}/{2}", weight: 1}, {target: "/{1}/{2}/x", weight: 1}], sticky_key: {cookie: c}}
  - {id: links, match: {path_glob: "/a/*/*"}, intent: {purpose: choices, alternatives: [{target: /x}, {target: "/{1}/{2}"}]}}
  - {id: by-name, match: {path_glob: "/n/*/*"}, intent_name: named}
  - {id: script, match: {path_glob: "/c/*/*", methods: [POST]}, intent: {purpose: form_result, target: "/{1}/{2}", client: script}}
  - {id: forward, match: {path_glob: "/f/*/*"}, intent: {purpose: reroute, target: "/{1}/{2}", client: webhook_sender}}
  - {id: dots, match: {path_glob: "/t-*/**"}, intent: {purpose: permanent_move, target: "/tenant/{1}/{2}"}}
  - {id: rest, match: {path_prefix: /r}, intent: {purpose: permanent_move, target: "/{rest}"}}
)yaml";

struct Bad {
  const char* method;
  const char* path;
  const char* rule;
};
constexpr Bad kBad[] = {
    {"GET", "/old/evil.com/", "swap"},
    {"POST", "/old/evil.com/", "swap"},
    {"GET", "/both//evil.com", "both"},
    {"GET", "/l/evil.com", "language"},
    {"GET", "/out", "out"},
    {"GET", "/b//evil.com", "backslash"},
    {"GET", "/p//evil.com", "plus"},
    {"GET", "/s//evil.com", "slash"},
    {"GET", "/w//evil.com", "weighted"},
    {"GET", "/a//evil.com", "links"},
    {"GET", "/n/evil.com/", "by-name"},
    {"POST", "/c//evil.com", "script"},
    {"POST", "/f//evil.com", "forward"},
    {"GET", "/t-../admin", "dots"},
    {"GET", "/t-%2e%2E/admin", "dots"},
    {"GET", "/t-./admin", "dots"},
    {"GET", "/r//evil.com", "rest"},
};

TEST(Captures, ABadOneIsRefused) {
  const auto policy = LoadAnyway(kEveryForm);
  for (const Bad& bad : kBad) {
    v1::DecideRequest request = Get(std::string("https://h.example") + bad.path);
    request.mutable_request()->set_method(bad.method);
    v1::Header& cookie = *request.mutable_request()->add_headers();
    cookie.set_name("Cookie");
    cookie.set_value("c=1");
    const auto out = Ask(policy, request);
    EXPECT_EQ(out.outcome(), v1::OUTCOME_REFUSE) << bad.path << '\n' << out.DebugString();
    EXPECT_EQ(out.reason().code(), v1::REASON_CODE_TARGET_NOT_ALLOWED) << bad.path;
    EXPECT_THAT(out.reason().message(), HasSubstr("captured")) << bad.path;
    EXPECT_EQ(out.rule(), bad.rule) << bad.path;
    EXPECT_EQ(out.headers_size(), 0) << bad.path;
    EXPECT_EQ(out.target(), "") << bad.path;
  }
}

// Whatever a visitor sends, a matching rule has an answer.
TEST(Captures, ATargetThatBecomesTooLongIsRefused) {
  const auto policy = Load(R"yaml(
rules:
  - {id: prefix, match: {path_prefix: /a}, intent: {purpose: permanent_move, target: "/bb{rest}"}}
  - {id: query, match: {path: /q}, intent: {purpose: permanent_move, target: /r, query: {mode: keep}}}
  - {id: links, match: {path_glob: "/l/*"}, intent: {purpose: choices, alternatives: [{target: /x}, {target: "/more/{1}"}]}}
)yaml");
  const std::string many(8000, 'x');
  for (const std::string& path : {"/a/" + many, "/q?" + many, "/l/" + many}) {
    const auto out = Ask(policy, Get("https://h.example" + path));
    EXPECT_EQ(out.outcome(), v1::OUTCOME_REFUSE) << path.substr(0, 3);
    EXPECT_THAT(out.reason().message(), HasSubstr("at most 8000 octets")) << path.substr(0, 3);
  }
}

TEST(Captures, AGoodOneIsSent) {
  const auto policy = LoadAnyway(kEveryForm);
  for (const auto& [path, location] : std::initializer_list<std::pair<const char*, const char*>>{
           {"/old/a/b", "/b/a"},
           {"/old/evil.com/x", "/x/evil.com"},
           {"/l/de/seite", "/de/seite"},
           {"/out/x", "/x/evil.com"},
           {"/t-7/admin", "/tenant/7/admin"},
           {"/t-.../admin", "/tenant/.../admin"},
           {"/t-%252e%252e/admin", "/tenant/%252e%252e/admin"},
           {"/r/a", "/a"},
           {"/r", "/"}}) {
    EXPECT_EQ(Field(Ask(policy, Get(std::string("https://h.example") + path)), "Location"),
              location)
        << path;
  }
}

// Guards come before a bad capture.
TEST(Captures, GuardsComeFirst) {
  const auto policy = LoadAnyway(kEveryForm);
  v1::DecideRequest request = Get("https://h.example/old/evil.com/");
  request.mutable_request()->set_method("CONNECT");
  EXPECT_EQ(Ask(policy, request).outcome(), v1::OUTCOME_PASS);
}

TEST(Captures, TheFallbackStandsInForABadOne) {
  const auto policy = LoadAnyway(R"yaml(
defaults: {unsafe_target: fall_back, fallback_target: /home}
rules:
  - {id: a, match: {path_glob: "/a/*/*"}, intent: {purpose: temporary_move, target: "/{1}/{2}"}}
  - {id: b, match: {path_glob: "/b/*/*"}, intent: {purpose: temporary_move, target: "/{1}/{2}", fallback_target: "/x/{2}"}}
  - {id: c, match: {path_glob: "/c/*/*"}, intent: {purpose: temporary_move, target: "/{1}/{2}", fallback_target: "/{1}/{2}"}}
)yaml");
  EXPECT_EQ(Field(Ask(policy, Get("https://h.example/a//evil.com")), "Location"), "/home");
  EXPECT_EQ(Field(Ask(policy, Get("https://h.example/b//evil.com")), "Location"), "/x/evil.com");
  EXPECT_EQ(Ask(policy, Get("https://h.example/c//evil.com")).outcome(), v1::OUTCOME_REFUSE);
}

TEST(Captures, TheRestOfAPrefixStaysOnTheHostThatItFollows) {
  const auto policy = Load(R"yaml(
defaults: {allowed_hosts: [new.example]}
rules:
  - {id: all, match: {hosts: [h.example], path_prefix: /}, intent: {purpose: permanent_move, target: "https://new.example{rest}"}}
)yaml");
  for (const char* path : {"/", "/.evil.com", "/@evil.com", "/:8080/x", "//evil.com", "///evil.com",
                           "/%2f%2fevil.com", "/%5cevil.com", "/%09//evil.com", "/%252f"}) {
    const std::string location =
        Field(Ask(policy, Get(std::string("https://h.example") + path)), "Location");
    EXPECT_TRUE(location.starts_with("https://new.example/")) << path << " -> " << location;
  }
}

TEST(Captures, AnEmptyOneEatsNoSlash) {
  const auto policy = Load(R"yaml(
defaults: {allowed_hosts: [n.example]}
rules:
  - {id: s, match: {path_regex: "/s/([a-z]*)(/.*)?"}, intent: {purpose: permanent_move, target: "https://n.example/{1}{2}"}}
  - {id: g, match: {path_glob: "/g/**"}, intent: {purpose: permanent_move, target: "https://n.example/{1}"}}
  - {id: p, match: {path_prefix: /p}, intent: {purpose: permanent_move, target: "https://n.example/p2{rest}"}}
  - {id: q, match: {path_prefix: /q}, intent: {purpose: permanent_move, target: "https://n.example/{rest}"}}
)yaml");
  for (const auto& [path, location] : std::initializer_list<std::pair<const char*, const char*>>{
           {"/s//a", "https://n.example//a"},
           {"/s/b/a", "https://n.example/b/a"},
           {"/s/", "https://n.example/"},
           {"/s/b/", "https://n.example/b/"},
           {"/g//a", "https://n.example//a"},
           {"/g/a//", "https://n.example/a//"},
           {"/p", "https://n.example/p2"},
           {"/p/", "https://n.example/p2/"},
           {"/p//a", "https://n.example/p2//a"},
           {"/q", "https://n.example/"},
           {"/q/a", "https://n.example/a"},
           {"/q//a", "https://n.example//a"}}) {
    EXPECT_EQ(Field(Ask(policy, Get(std::string("https://h.example") + path)), "Location"),
              location)
        << path;
  }
}

TEST(Captures, FillInTheFallbackOfANamedIntentToo) {
  const auto policy = Load(R"yaml(
intents:
  back: {intent: {purpose: form_result, target: "/a/{id}", fallback_target: "/b/{other}"}}
)yaml");
  v1::DecideRequest request = Get("https://h.example/");
  request.mutable_request()->set_method("POST");
  request.set_intent_name("back");
  (*request.mutable_parameters())["id"] = "7";
  (*request.mutable_parameters())["other"] = "8";
  EXPECT_EQ(Field(Ask(policy, request), "Location"), "/a/7");
}

// Parameters without a wish mean nothing: a rule's braces are captures, a row's are text.
TEST(Captures, ParametersDoNotFillARule) {
  const auto policy = Load(R"yaml(
rules:
  - {id: a, match: {path_glob: "/a/*"}, intent: {purpose: temporary_move, target: "/x/{1}/{}"}}
)yaml");
  v1::DecideRequest request = Get("https://h.example/a/7");
  (*request.mutable_parameters())["1"] = "8";
  EXPECT_EQ(Field(Ask(policy, request), "Location"), "/x/7/%7B%7D");
}

}  // namespace
}  // namespace fingerpost::policy::resolve

// Captured values that are no part of the path: of query, fields, cookies and host; and
// {name|lower}.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::HasSubstr;

void AddField(v1::DecideRequest& request, const std::string& name, const std::string& value) {
  v1::Header& header = *request.mutable_request()->add_headers();
  header.set_name(name);
  header.set_value(value);
}

std::string LocationOf(const compiled::SnapshotPtr& policy, const v1::DecideRequest& request) {
  const auto answer = Ask(policy, request);
  return answer.outcome() == v1::OUTCOME_REFUSE ? "REFUSE" : Field(answer, "Location");
}
std::string LocationOf(const compiled::SnapshotPtr& policy, const std::string& url) {
  return LocationOf(policy, Get(url));
}

// One value, in each way into a target.
constexpr char kEveryPlace[] = R"yaml(
rules:
  - {id: q, match: {path: /q, query: [{name: v, regex: "(?P<v>(?s).*)"}]}, intent: {purpose: temporary_move, target: "/a/{v}/b?x={v}#{v}"}}
  - {id: p, match: {path: /p, query: [{name: v, regex: "(?P<v>.*)"}]}, intent: {purpose: temporary_move, target: "/a/{+v}"}}
  - {id: r, match: {path: /r, query: [{name: v, regex: "(?P<v>.*)"}]}, intent: {purpose: temporary_move, target: "/{+v}"}}
  - {id: s, match: {path: /s, query: [{name: v, regex: "(?P<v>.*)"}]}, intent: {purpose: temporary_move, target: "{v}"}}
  - {id: f, match: {path: /f, fields: [{name: X-Id, regex: "(?P<v>.*)"}]}, intent: {purpose: temporary_move, target: "/a/{v}"}}
  - {id: c, match: {path: /c, cookies: [{name: id, regex: "(?P<v>.*)"}]}, intent: {purpose: temporary_move, target: "/a/{v}"}}
)yaml";

struct Row {
  const char* url;
  const char* location;
};

TEST(Values, OfTheQueryAreEncodedForTheirPlace) {
  const auto policy = Load(kEveryPlace);
  for (const Row& row : std::initializer_list<Row>{
           {"/q?v=7", "/a/7/b?x=7#7"},
           {"/q?v=7&v=8", "/a/7/b?x=7#7"},
           {"/q?w=1&v=a+b%26c", "/a/a%20b%26c/b?x=a%20b%26c#a%20b%26c"},
           {"/q?v=%2F%2Fevil.com%5C@x:1?%23",
            "/a/%2F%2Fevil.com%5C%40x%3A1%3F%23/b?x=%2F%2Fevil.com%5C%40x%3A1%3F%23"
            "#%2F%2Fevil.com%5C%40x%3A1%3F%23"},
           {"/q?v=%C3%BC", "/a/%C3%BC/b?x=%C3%BC#%C3%BC"},
           {"/q?v=%252F", "/a/%252F/b?x=%252F#%252F"},
           {"/q?v=", "/a//b?x=#"},
           {"/q?v=.", "REFUSE"},
           {"/q?v=..", "REFUSE"},
           {"/q?v=%2E%2e", "REFUSE"},
           {"/q?v=%0d%0aSet-Cookie:x", "REFUSE"},
           {"/q?v=a%00b", "REFUSE"},
           {"/q?v=%7F", "REFUSE"},
           // Not UTF-8: replaced as forms do, or left unmatched, but never sent raw.
           {"/q?w=7", "(absent)"},
           {"/p?v=b/c d", "/a/b/c%20d"},
           {"/p?v=b/../../c", "REFUSE"},
           {"/p?v=%5C..%5Cc", "/a/%5C..%5Cc"},
           {"/r?v=a/b", "/a/b"},
           {"/r?v=/evil.com", "REFUSE"},
           {"/r?v=%5Cevil.com", "/%5Cevil.com"},
           {"/s?v=//evil.com", "/%2F%2Fevil.com"},
           {"/s?v=javascript:alert(1)", "/javascript%3Aalert%281%29"}}) {
    EXPECT_EQ(LocationOf(policy, std::string("https://h.example") + row.url), row.location)
        << row.url;
  }
}

TEST(Values, OfFieldsAndCookiesTooAndVaryNamesThem) {
  const auto policy = Load(kEveryPlace);
  for (const Row& row : std::initializer_list<Row>{{"7", "/a/7"},
                                                   {"a/b", "/a/a%2Fb"},
                                                   {"//evil.com", "/a/%2F%2Fevil.com"},
                                                   {"..", "REFUSE"},
                                                   {"a\tb", "REFUSE"},
                                                   {"", "/a/"}}) {
    v1::DecideRequest field = Get("https://h.example/f");
    AddField(field, "x-id", row.url);
    EXPECT_EQ(LocationOf(policy, field), row.location) << row.url;
    v1::DecideRequest cookie = Get("https://h.example/c");
    AddField(cookie, "Cookie", std::string("a=1; id=") + row.url + "; b=2");
    EXPECT_EQ(LocationOf(policy, cookie), row.location) << row.url;
  }
  v1::DecideRequest request = Get("https://h.example/f");
  AddField(request, "X-Id", "7");
  EXPECT_THAT(Field(Ask(policy, request), "Vary"), HasSubstr("X-Id"));
  request = Get("https://h.example/c");
  AddField(request, "Cookie", "id=7");
  EXPECT_THAT(Field(Ask(policy, request), "Vary"), HasSubstr("Cookie"));
}

TEST(Values, AGroupThatTookNoPartIsEmpty) {
  const auto policy = Load(R"yaml(
rules:
  - id: a
    match: {path: /a, query: [{name: v, regex: "(?P<n>[0-9]+)?(?P<w>[a-z]+)?"}]}
    intent: {purpose: temporary_move, target: "/x-{n}-{w}"}
)yaml");
  EXPECT_EQ(LocationOf(policy, "https://h.example/a?v=7"), "/x-7-");
  EXPECT_EQ(LocationOf(policy, "https://h.example/a?v=b"), "/x--b");
  EXPECT_EQ(LocationOf(policy, "https://h.example/a?v="), "/x--");
}

TEST(Values, StandBesideThoseOfThePathTheLanguageAndTheHost) {
  const auto policy = Load(R"yaml(
rules:
  - id: a
    match:
      hosts: ["*.old.example"]
      path_glob: /a/*/*
      query: [{name: id, regex: "(?P<id>[0-9]+)-(x|y)"}, {name: v, equals: "1"}, {name: w, regex: "(?P<w>.*)"}]
      cookies: [{name: c, regex: "(?P<c>.*)"}]
      accept_language: {prefers: [de]}
    intent: {purpose: temporary_move, target: "/x/{2}/{3}/{1}/{language}/{id}/{w}/{c}"}
)yaml");
  v1::DecideRequest request = Get("https://s.t.old.example/a/b/c?id=7-x&v=1&w=W");
  AddField(request, "Cookie", "c=C");
  AddField(request, "Accept-Language", "de");
  EXPECT_EQ(LocationOf(policy, request), "/x/b/c/s.t/de/7/W/C");
}

TEST(Values, WhatIsCapturedOfTheQueryDoesNotPass) {
  const auto policy = Load(R"yaml(
defaults: {query: {mode: keep}}
rules:
  - id: posts
    match: {path: /, query: [{name: p, regex: "(?P<id>[0-9]+)"}]}
    intent: {purpose: permanent_move, target: "/posts/{id}"}
  - {id: tests, match: {path: /t, query: [{name: p, regex: "[0-9]+"}]}, intent: {purpose: permanent_move, target: /u}}
)yaml");
  EXPECT_EQ(LocationOf(policy, "https://h.example/?p=123"), "/posts/123");
  EXPECT_EQ(LocationOf(policy, "https://h.example/?a=1&%70=123&b=2"), "/posts/123?a=1&b=2");
  EXPECT_EQ(LocationOf(policy, "https://h.example/?p=123&p=4"), "/posts/123?p=4");
  EXPECT_EQ(LocationOf(policy, "https://h.example/t?p=123"), "/u?p=123");
}

TEST(Values, InTextsStayText) {
  const auto policy = Load(R"yaml(
rules:
  - id: flash
    match: {path: /f, query: [{name: n, regex: "(?P<n>(?s).*)"}]}
    intent: {purpose: form_result, target: /x, flash: {text: "Hello {n|lower}"}}
)yaml");
  v1::DecideRequest request = Get("https://h.example/f?n=%C3%9CBER%20A/B");
  request.mutable_request()->set_method("POST");
  EXPECT_THAT(Field(Ask(policy, request), "Set-Cookie"), HasSubstr("Hello%20%C3%9Cber%20a%2Fb"));
  request.mutable_request()->set_url("https://h.example/f?n=a%0d%0ab");
  EXPECT_THAT(Field(Ask(policy, request), "Set-Cookie"), HasSubstr("Hello%20a%250d%250ab"));
}

TEST(Lower, WritesAsciiLettersInLowerCaseAndNothingElse) {
  const auto policy = Load(R"yaml(
rules:
  - {id: p, match: {path_prefix: /P}, intent: {purpose: temporary_move, target: "/p{rest|lower}"}}
  - {id: h, match: {path_glob: /H/*/*}, intent: {purpose: temporary_move, target: "/h/{+1|lower}/{2}?a={2|lower}"}}
  - {id: q, match: {path: /q, query: [{name: v, regex: "(?P<v>.*)"}]}, intent: {purpose: temporary_move, target: "/q/{v|lower}"}}
)yaml");
  EXPECT_EQ(LocationOf(policy, "https://h.example/P/A%c3%89/B"), "/p/a%C3%89/b");
  EXPECT_EQ(LocationOf(policy, "https://h.example/H/AB/CD"), "/h/ab/CD?a=cd");
  EXPECT_EQ(LocationOf(policy, "https://h.example/q?v=A%C3%89%2FB"), "/q/a%C3%89%2Fb");
}

constexpr char kMovedHosts[] = R"yaml(
defaults: {allowed_hosts: [.new.example, ".harbour.example:8443"]}
rules:
  - {id: moved, match: {hosts: ["*.old.example"], path_prefix: /}, intent: {purpose: permanent_move, target: "https://{1}.new.example{rest}"}}
  - {id: regex, match: {hosts: ["*.regex.example"], path_regex: "/m/(.*)"}, intent: {purpose: permanent_move, target: "https://{1}.new.example/{2}"}}
  - {id: www, match: {hosts: ["*.www.example"]}, intent: {purpose: permanent_move, target: "https://www.{1}.new.example/"}}
  - {id: port, match: {hosts: ["*.port.example"], path_prefix: /}, intent: {purpose: permanent_move, target: "https://{1}.harbour.example:8443{rest}"}}
  - {id: slashes, match: {hosts: ["*.two.example"]}, intent: {purpose: permanent_move, target: "//{1}.new.example/"}}
  - {id: path, match: {hosts: ["*.sites.example"], path_prefix: /}, intent: {purpose: permanent_move, target: "https://new.example/{1|lower}{rest}"}}
)yaml";

TEST(HostCaptures, MoveWholeLabelsToTheHostThatThePolicyFixes) {
  const auto policy = Load(kMovedHosts);
  for (const Row& row : std::initializer_list<Row>{
           {"https://shop.old.example/a?b#c", "https://shop.new.example/a?b"},
           {"https://SHOP.old.example/a", "https://shop.new.example/a"},
           {"https://shop.regex.example/m/a/b", "https://shop.new.example/a/b"},
           {"https://a.b.old.example/", "https://a.b.new.example/"},
           {"https://a.old.example./x", "https://a.new.example/x"},
           {"https://b\xC3\xBC"
            "cher.old.example/x",
            "https://xn--bcher-kva.new.example/x"},
           {"https://\xD7\x90\xD7\x91.old.example/", "https://xn--4dbc.new.example/"},
           {"https://a_b.old.example/x", "https://a_b.new.example/x"},
           {"https://a.old.example:8443/x", "https://a.new.example/x"},
           {"https://evil.com.old.example//evil.com", "https://evil.com.new.example//evil.com"},
           {"https://old.example/a", "(absent)"},
           {"https://.old.example/a", "REFUSE"},
           {"https://a..old.example/a", "REFUSE"},
           {"https://..old.example/a", "REFUSE"},
           {"https://a,b.old.example/a", "REFUSE"},
           {"https://a'b.old.example/a", "REFUSE"},
           {"https://{1}.old.example/a", "REFUSE"},
           {"https://a.www.example/a", "https://www.a.new.example/"},
           {"https://a.port.example/a", "https://a.harbour.example:8443/a"},
           {"https://a.two.example/", "https://a.new.example/"},
           {"https://a.b.sites.example/x", "https://new.example/a.b/x"},
           {"https://a&b.sites.example/x", "https://new.example/a%26b/x"},
           {"https://..sites.example/x", "REFUSE"}}) {
    EXPECT_EQ(LocationOf(policy, row.url), row.location) << row.url;
  }
}

TEST(HostCaptures, TheMostSpecificHostDecides) {
  const auto policy = Load(R"yaml(
defaults: {allowed_hosts: [.new.example]}
rules:
  - {id: two, match: {hosts: ["*.example", "*.old.example"], path: /two}, intent: {purpose: permanent_move, target: "https://{1}.new.example/"}}
  - {id: domain, match: {hosts: [.old.example], path: /a}, intent: {purpose: permanent_move, target: /domain}}
  - {id: below, match: {hosts: ["*.old.example"], path: /a}, intent: {purpose: permanent_move, target: /below}}
)yaml");
  EXPECT_EQ(LocationOf(policy, "https://a.old.example/two"), "https://a.new.example/");
  EXPECT_EQ(LocationOf(policy, "https://a.other.example/two"), "https://a.other.new.example/");
  EXPECT_EQ(LocationOf(policy, "https://x.old.example/a"), "/below");
  EXPECT_EQ(LocationOf(policy, "https://old.example/a"), "/domain");
}

// The settings of a host allow other hosts than those that the document was checked with.
TEST(HostCaptures, TheCoreHoldsThemToTheHostsThatItIsGiven) {
  const auto policy = Load(kMovedHosts);
  auto narrow = std::make_shared<compiled::Snapshot>(
      std::move(*std::const_pointer_cast<compiled::Snapshot>(policy)));
  for (const char* mode : {"refuse", "fall back", "report"}) {
    v1::Defaults& defaults = narrow->defaults.front();
    defaults.clear_allowed_hosts();
    defaults.add_allowed_hosts("shop.new.example");
    defaults.set_fallback_target("/home");
    defaults.set_unsafe_target(mode == std::string_view("fall back") ? v1::UNSAFE_TARGET_FALL_BACK
                               : mode == std::string_view("report")  ? v1::UNSAFE_TARGET_REPORT_ONLY
                                                                     : v1::UNSAFE_TARGET_REFUSE);
    EXPECT_EQ(LocationOf(narrow, "https://shop.old.example/a"), "https://shop.new.example/a");
    EXPECT_EQ(LocationOf(narrow, "https://evil.com.old.example/a"),
              mode == std::string_view("fall back") ? "/home" : "REFUSE")
        << mode;
  }
}

TEST(Values, ExplainSaysWhereTheyComeFrom) {
  const auto policy = Load(R"yaml(
defaults: {allowed_hosts: [.new.example]}
rules:
  - id: a
    match: {hosts: ["*.old.example"], path_prefix: /, query: [{name: p, regex: "(?P<id>.*)"}], cookies: [{name: c, regex: "(?P<c>.*)"}]}
    intent: {purpose: temporary_move, target: "https://{1}.new.example/{id}/{c}{rest}"}
)yaml");
  v1::DecideRequest request = Get("https://a.old.example/?p=secret");
  AddField(request, "Cookie", "c=1");
  request.set_explain(true);
  const auto answer = Ask(policy, request);
  std::string trace;
  for (const auto& step : answer.explanation().trace()) trace += step.detail() + '\n';
  EXPECT_THAT(trace, HasSubstr("matches, and captures {1} from match.hosts, {id} from "
                               "match.query[p], {c} from match.cookies[c]"));
}

}  // namespace
}  // namespace fingerpost::policy::resolve

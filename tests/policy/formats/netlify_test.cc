// "_redirects" of Netlify. tests/formats/run compares it with Netlify's own parser and matcher.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/formats/imported.h"

namespace fingerpost::policy::formats {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Row {
  const char* line;
  const char* expected;  // A part of the policy, or of the report.
};

class Netlify : public ::testing::TestWithParam<Row> {};

TEST_P(Netlify, SaysItAsAPersonWould) {
  const Imported imported = ImportAs("netlify", GetParam().line);
  EXPECT_THAT(imported.policy + imported.report, HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Lines, Netlify,
    ::testing::Values(
        Row{"/a /b\n", "match: {path: /a}\n    intent: {purpose: permanent_move, target: /b"},
        Row{"/a /b\n", "match: {path: /a/}"},
        Row{"/a /b 302!\n", "purpose: temporary_move, target: /b}"},
        Row{"/a /b?x=1 307\n", "query: {mode: merge_target_wins}"},
        Row{"/a/* /b/:splat\n", "match: {path_prefix: /a}"},
        Row{"/a/* /b/:splat\n", "target: \"/b/{rest}\""},
        Row{"/x/* https://b.example/:splat\n", "allowed_hosts: [b.example]"},
        Row{"/n/:year/:slug /b/:slug\n", "path_regex: \"/n/(?P<year>[^/]+)/(?P<slug>[^/]+)/?\""},
        Row{"/a page=1 /b\n", "query: [{name: page, equals: \"1\"}]"},
        Row{"/a /b 301 Cookie=beta\n", "cookies: [{name: beta}]"},
        Row{"http://a.example/* https://a.example/:splat 301!\n",
            "- hosts: [a.example]\n    defaults: {require_https: true}"},
        Row{"/a /{b}\n", "target: /%7Bb%7D"}, Row{"/a /b # why\n", "target: /b"},
        // What the policy does not have.
        Row{"/a id=:id /b/:id\n", "file:1: skipped: its target has the value of a query parameter"},
        Row{"/a /b 200\n", "file:1: skipped: serves another page with the status 200"},
        Row{"/a /b 404\n", "file:1: skipped: serves another page with the status 404"},
        Row{"/a /b 302 Country=de\n", "file:1: skipped: answers only some clients (Country=de)"},
        Row{"/a\n", "file:1: skipped: has no target"},
        Row{"/a //b\n", "file:1: skipped: its target begins with \"//\""},
        Row{"/a /a 301\n",
            "file:1: skipped: its target is matched by it again, for ever; remove it"},
        Row{"a /b\n", "file:1: skipped: its source is neither a path nor a URL"},
        Row{"/a*/b /c\n", "file:1: skipped: has a \"*\" that is not at the end"},
        Row{"/a /b 3O1\n", "file:1: skipped: \"3O1\" is no status"},
        Row{"/.netlify/x /b\n", "file:1: skipped: Netlify keeps /.netlify"},
        Row{"https://a.example/a /b 301!\n", "file:1: changed: answers http and https alike"}));

TEST(NetlifyFile, TheFirstLineThatMatchesAnswers) {
  const Imported imported = ImportAs("netlify", "/a/* /x\n/a/b /y\n/a/* /z\n/a/b/* /w\n");
  EXPECT_THAT(imported.report, HasSubstr("file:2: skipped: can never answer: line 1 comes first"));
  EXPECT_THAT(imported.report, HasSubstr("file:3: skipped: can never answer: line 1 comes first"));
  EXPECT_THAT(imported.report, HasSubstr("file:4: skipped: can never answer: line 1 comes first"));
  EXPECT_THAT(imported.policy, HasSubstr("path_prefix: /a"));
}

// In our order a prefix comes before a pattern.
TEST(NetlifyFile, APrefixAfterAPatternBecomesOne) {
  const Imported imported = ImportAs("netlify", "/n/:year/x /a/:year\n/n/* /b/:splat\n");
  EXPECT_THAT(imported.policy, HasSubstr("path_regex: \"/n(?:/(?P<rest>.*))?\""));
  EXPECT_THAT(imported.report, Not(HasSubstr("skipped")));
}

// What is served is left alone where a later line would redirect it, and only there.
TEST(NetlifyFile, WhatIsServedPasses) {
  const Imported imported =
      ImportAs("netlify",
               "/app/* /app.html 200\n/api/* /f 200\n/app/:x/* https://b.example/ 302\n"
               "/:any /c\n");
  EXPECT_THAT(imported.policy, HasSubstr("pass: true"));
  const Imported one = ImportAs("netlify", "/docs/start /start.html 200\n/docs/* /b\n");
  EXPECT_THAT(one.policy, HasSubstr("match: {path: /docs/start}"));
  const Imported alone = ImportAs("netlify", "/app/* /app.html 200\n/a /b\n");
  EXPECT_THAT(alone.policy, Not(HasSubstr("pass: true")));
}

TEST(NetlifyFile, ManyExactOnesAreAMap) {
  std::string text;
  for (int i = 0; i < 6; ++i) text += "/a" + std::to_string(i) + " /b" + std::to_string(i) + "\n";
  const Imported imported = ImportAs("netlify", text, {"a.example", "b.example"});
  EXPECT_THAT(imported.rows, HasSubstr("/a5/,/b5,301\n"));
  EXPECT_THAT(imported.policy, HasSubstr("{name: pages-2, file: site.csv, host: b.example}"));
  EXPECT_THAT(imported.tests, HasSubstr("rule is pages-1:13"));
}

}  // namespace
}  // namespace fingerpost::policy::formats

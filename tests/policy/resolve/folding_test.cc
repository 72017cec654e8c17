// Case and a last slash, where rules and maps take two paths for one.
#include <gtest/gtest.h>

#include "policy/resolve/asking.h"
#include "policy/resolve/with_maps.h"

namespace fingerpost::policy::resolve {
namespace {

std::string RuleFor(const compiled::SnapshotPtr& policy, const std::string& path,
                    const std::string& host = "h.example") {
  const auto answer = Ask(policy, Get("https://" + host + path));
  return answer.rule().empty() ? "-" : answer.rule();
}

constexpr char kRules[] = R"(
rules:
  - {id: exact, match: {path: /exact}, intent: {purpose: gone}}
  - {id: case, match: {path: /Case, case: insensitive}, intent: {purpose: gone}}
  - {id: slash, match: {path: /slash, trailing_slash: either}, intent: {purpose: gone}}
  - {id: slashed, match: {path: /slashed/, trailing_slash: either}, intent: {purpose: gone}}
  - {id: both, match: {path: /Both, case: insensitive, trailing_slash: either}, intent: {purpose: gone}}
  - {id: root, match: {path: /, trailing_slash: either}, intent: {purpose: gone}}
  - {id: encoded, match: {path: "/A%2fb", case: insensitive}, intent: {purpose: gone}}
)";

TEST(Folding, OfAnExactPath) {
  const auto policy = Load(kRules);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/exact", "exact"},
      {"/Exact", "-"},
      {"/exact/", "-"},
      {"/Case", "case"},
      {"/CASE", "case"},
      {"/case/", "-"},
      {"/%43ASE", "case"},
      {"/slash", "slash"},
      {"/slash/", "slash"},
      {"/Slash", "-"},
      {"/slash//", "-"},
      {"/slashed", "slashed"},
      {"/slashed/", "slashed"},
      {"/BOTH/", "both"},
      {"/both", "both"},
      {"/both/x", "-"},
      {"/", "root"},
      {"//", "-"},
      {"/a%2FB", "encoded"},
      {"/a/b", "-"},
      {"/ca%C5%BFe", "-"}};  // A long s is no ASCII letter.
  for (const auto& [path, rule] : cases) EXPECT_EQ(RuleFor(policy, path), rule) << path;
}

TEST(Folding, APathAsItCameWins) {
  const auto policy = Load(R"(
rules:
  - {id: any, match: {path: /a, case: insensitive, trailing_slash: either}, intent: {purpose: gone}}
  - {id: any-upper, match: {path: /A, case: insensitive}, intent: {purpose: gone}}
  - {id: upper, match: {path: /A/}, intent: {purpose: gone}}
  - {id: on-h, match: {hosts: [h.example], path: /A, case: insensitive}, intent: {purpose: gone}}
  - {id: prefix, match: {path_prefix: /Pre, case: insensitive}, intent: {purpose: gone}}
  - {id: prefix-upper, match: {path_prefix: /PRE}, intent: {purpose: gone}}
  - {id: longer, match: {path_prefix: /pre/x, case: insensitive}, intent: {purpose: gone}}
)");
  EXPECT_EQ(RuleFor(policy, "/a", "o.example"), "any");
  EXPECT_EQ(RuleFor(policy, "/a/", "o.example"), "any");
  EXPECT_EQ(RuleFor(policy, "/A", "o.example"), "any-upper") << "as it came";
  EXPECT_EQ(RuleFor(policy, "/A/", "o.example"), "upper") << "as it came";
  EXPECT_EQ(RuleFor(policy, "/a", "h.example"), "on-h") << "the host comes before";
  EXPECT_EQ(RuleFor(policy, "/pre/y"), "prefix");
  EXPECT_EQ(RuleFor(policy, "/Pre/y"), "prefix");
  EXPECT_EQ(RuleFor(policy, "/PRE/y"), "prefix-upper");
  EXPECT_EQ(RuleFor(policy, "/PRE/X"), "longer") << "the longest prefix";
  EXPECT_EQ(RuleFor(policy, "/prey"), "-");
}

TEST(Folding, EachRuleIsLookedAtOnce) {
  const auto policy = Load(R"(
rules:
  - {id: a, match: {path: /a, case: insensitive, trailing_slash: either, methods: [POST]}, intent: {purpose: gone}}
  - {id: b, match: {path_prefix: /a, case: insensitive, methods: [POST]}, intent: {purpose: gone}}
)");
  for (const char* path : {"/a", "/A", "/a/"}) {
    v1::DecideRequest request = Get(std::string("https://h.example") + path);
    request.set_explain(true);
    const auto answer = Ask(policy, request);
    ASSERT_EQ(answer.explanation().trace_size(), 2) << path;
    EXPECT_EQ(answer.explanation().trace(0).rule(), "rule.a");
    EXPECT_EQ(answer.explanation().trace(1).rule(), "rule.b");
  }
}

TEST(Folding, OfExceptions) {
  const auto policy = Load(R"(
rules:
  - {id: a, match: {path_prefix: /A, case: insensitive, not: [{path: /a/b}, {path_prefix: /a/C}, {path_glob: /a/d*}, {path: /A/e, case: sensitive}]}, intent: {purpose: gone}}
  - {id: b, match: {path_glob: /b/**, not: [{path: /b/x, trailing_slash: either}, {path_glob: /b/y*/, trailing_slash: either}]}, intent: {purpose: gone}}
)");
  for (const char* path : {"/A/B", "/a/c/x", "/a/D1", "/A/e", "/b/x/", "/b/x", "/b/y1", "/b/y1/"}) {
    EXPECT_EQ(RuleFor(policy, path), "-") << path;
  }
  for (const char* path : {"/A/B/", "/a/cx", "/a/E", "/b/X", "/b/y1/z"}) {
    EXPECT_NE(RuleFor(policy, path), "-") << path;
  }
}

// More than four patterns are matched by one automaton.
TEST(Folding, OfPatterns) {
  for (const bool many : {false, true}) {
    std::string text = R"(
rules:
  - {id: glob, match: {path_glob: "/Glob/*", case: insensitive, trailing_slash: either}, intent: {purpose: temporary_move, target: "/t/{1}", query: {mode: drop}}}
  - {id: regex, match: {path_regex: "/re/(x|Y)/", trailing_slash: either}, intent: {purpose: temporary_move, target: "/t/{1}", query: {mode: drop}}}
  - {id: sensitive, match: {path_glob: "/s/*"}, intent: {purpose: temporary_move, target: "/t/{1}", query: {mode: drop}}}
)";
    for (int i = 0; many && i < 10; ++i) {
      text += "  - {id: r" + std::to_string(i) + ", match: {path_glob: \"/r" + std::to_string(i) +
              "/*\"}, intent: {purpose: gone}}\n";
    }
    const auto policy = Load(text);
    const auto location = [&](const std::string& path) {
      return Field(Ask(policy, Get("https://h.example" + path)), "Location");
    };
    EXPECT_EQ(location("/Glob/Ab"), "/t/Ab");
    EXPECT_EQ(location("/GLOB/Ab"), "/t/Ab") << "captures keep their case";
    EXPECT_EQ(location("/glob/Ab/"), "/t/Ab");
    EXPECT_EQ(location("/glob/Ab/c"), "(absent)");
    EXPECT_EQ(location("/re/x/"), "/t/x");
    EXPECT_EQ(location("/re/Y"), "/t/Y");
    EXPECT_EQ(location("/re/y"), "(absent)");
    EXPECT_EQ(location("/s/a"), "/t/a");
    EXPECT_EQ(location("/S/a"), "(absent)");
    EXPECT_EQ(location("/s/a/"), "(absent)");
  }
}

using FoldingMaps = WithMaps;

TEST_F(FoldingMaps, RuleOverMapOverDocument) {
  Write("a.csv", "/About,/x\n/dir/,/y\n/As/It,/1\n/as/it,/2\n");
  Write("b.csv", "/Sensitive,/x\nhttps://h.example/About,/h\n");
  EXPECT_EQ(Told(R"(
defaults: {case: insensitive, trailing_slash: either}
maps:
  - {name: a, file: a.csv}
  - {name: b, file: b.csv, case: sensitive}
rules:
  - {id: exact, match: {path: /Rule, case: sensitive, trailing_slash: exact}, intent: {purpose: gone}}
  - {id: about, match: {path: /aBout, trailing_slash: exact}, intent: {purpose: gone}}
)"),
            "4:1: warning: is one path with line 3, which answers every spelling but these two; "
            "keep one\n");
  ASSERT_NE(policy_, nullptr);
  EXPECT_EQ(RuleFor(policy_, "/Rule"), "exact");
  EXPECT_EQ(RuleFor(policy_, "/rule"), "-");
  EXPECT_EQ(RuleFor(policy_, "/About", "o.example"), "a:1")
      << "as it came before a rule by folding";
  EXPECT_EQ(RuleFor(policy_, "/about", "o.example"), "about") << "rules before maps";
  EXPECT_EQ(RuleFor(policy_, "/about/", "o.example"), "a:1");
  EXPECT_EQ(RuleFor(policy_, "/About/", "h.example"), "b:2") << "the host first";
  EXPECT_EQ(RuleFor(policy_, "/DIR"), "a:2");
  EXPECT_EQ(RuleFor(policy_, "/AS/IT"), "a:3");
  EXPECT_EQ(RuleFor(policy_, "/as/it"), "a:4");
  EXPECT_EQ(RuleFor(policy_, "/sensitive"), "-");
  EXPECT_EQ(RuleFor(policy_, "/Sensitive/"), "b:1");
}

TEST_F(FoldingMaps, ARowThatFoldingMakesUseless) {
  Write("a.csv", "/a,/x\n/a/,/x\n/b/,/b\n/c,/C?x\n/d,/1\n/d/,/2\n");
  EXPECT_EQ(Told(R"(
maps: [{name: a, file: a.csv, case: insensitive, trailing_slash: either}]
)"),
            "2:1: warning: is answered by line 1; remove one\n"
            "3:5: redirects to itself; remove the row\n"
            "4:4: redirects to itself; remove the row\n"
            "6:1: warning: is one path with line 5, which answers every spelling but these two; "
            "keep one\n");
}

TEST_F(FoldingMaps, CirclesByFoldingAreTold) {
  Write("a.csv", "/a,/B\n/b,/A/\n");
  EXPECT_EQ(
      Told(R"(
maps: [{name: a, file: a.csv, case: insensitive, trailing_slash: either}]
)"),
      "1:1: leads back to itself by line 2 of a.csv: clients would go in circles; end it at one "
      "of them\n");
  EXPECT_EQ(Told(R"(
rules:
  - {id: a, match: {path: /A, case: insensitive}, intent: {purpose: permanent_move, target: /a}}
)"),
            "3:93: rules[0].intent.target: is matched by the rule again: clients would go in "
            "circles; choose a target that the rule does not match\n");
}

}  // namespace
}  // namespace fingerpost::policy::resolve

// `fingerpost policy graph`, and what `explain` says of a miss.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/policy_directory.h"
#include "cli/program.h"

namespace fingerpost {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class PolicyGraph : public PolicyDirectory {};

TEST_F(PolicyGraph, DrawsChainsCirclesAndDeadEnds) {
  Write("rows.csv", "/r1,/r2\n/r2,/r1\n/lonely,/x\n/d,/gone\n/gone,,410\n");
  Write("p.yaml",
        "intents: {n: {intent: {purpose: form_result, target: /a}}}\n"
        "rules:\n"
        "  - {id: a, match: {path: /a}, intent: {purpose: permanent_move, target: /b}}\n"
        "  - {id: b, match: {path: /b}, intent: {purpose: temporary_move, target: \"/c?x=\\\"\"}}\n"
        "maps: [{name: m, file: rows.csv}]\n");
  const Outcome outcome = Policy("graph p.yaml");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const char* part :
       {"digraph policy {", "label=\"a\\n/a\"", "label=\"b\\n/b\"", "label=\"308\"",
        "label=\"307\"", "label=\"/c?x=%22\"", "label=\"m:1\\n/r1\"", "color=red",
        "label=\"m:5\\n/gone\\n410\", style=filled", "label=\"intent n\""}) {
    EXPECT_THAT(outcome.out, HasSubstr(part));
  }
  EXPECT_THAT(outcome.out, Not(HasSubstr("lonely")));
}

TEST_F(PolicyGraph, APictureIsBounded) {
  std::string rows;
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    rows += "/a" + n + ",/b" + n + "\n/b" + n + ",/c" + n + "\n";
  }
  Write("rows.csv", rows);
  Write("p.yaml", "maps: [{name: m, file: rows.csv}]\n");
  const Outcome outcome = Policy("graph p.yaml");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr("more are left out"));
  EXPECT_LT(outcome.out.size(), 100'000U);
}

TEST_F(PolicyGraph, DrawsTheRestOfAPolicyWithAWrongFile) {
  Write("p.yaml",
        "include: [{files: \"*.part.yaml\"}]\n"
        "rules: [{id: a, match: {path: /a}, intent: {purpose: permanent_move, target: /b}}]\n");
  Write("good.part.yaml",
        "rules: [{id: b, match: {path: /b}, intent: {purpose: permanent_move, target: /c}}]\n");
  Write("wrong.part.yaml", "rulez: []\n");
  const Outcome outcome = Policy("graph p.yaml");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("label=\"b\\n/b\""));
  EXPECT_THAT(outcome.out, Not(HasSubstr("wrong")));
  EXPECT_THAT(outcome.err, HasSubstr("wrong.part.yaml:1:1: rulez: unknown field"));
  Write("p.yaml", "rulez: []\n");
  const Outcome nothing = Policy("graph p.yaml");
  EXPECT_EQ(nothing.status, 1);
  EXPECT_EQ(nothing.out, "");
  EXPECT_THAT(nothing.err, HasSubstr("p.yaml:1:1: rulez: unknown field"));
}

TEST_F(PolicyGraph, SaysThatThereIsNothingToDraw) {
  Write("p.yaml", "{}\n");
  EXPECT_THAT(Policy("graph p.yaml").err, HasSubstr("no chains, circles or dead ends"));
  EXPECT_EQ(Policy("graph --format png p.yaml").status, 2);
}

TEST_F(PolicyGraph, SvgNeedsGraphviz) {
  Write("p.yaml", "{}\n");
  const bool has_dot = RunShell("command -v dot").status == 0;
  const Outcome outcome = Policy("graph --format svg p.yaml");
  EXPECT_EQ(outcome.status == 0, has_dot);
  if (has_dot) {
    EXPECT_THAT(outcome.out, HasSubstr("<svg"));
  } else {
    EXPECT_THAT(outcome.err, HasSubstr("apt-get install graphviz"));
  }
}

TEST_F(PolicyGraph, ExplainNamesTheNearestOfAMiss) {
  Write("rows.csv", "/About,/x\n/find?q=1,/y\nhttps://www.example.com/team,/z\n");
  Write("p.yaml",
        "rules:\n"
        "  - {id: form, match: {path: /form, methods: [POST]}, intent: {purpose: gone}}\n"
        "maps: [{name: m, file: rows.csv}]\n");
  const auto explain = [this](const std::string& path) {
    return Policy("explain --policy p.yaml --url 'https://h.example" + path + "'").out;
  };
  EXPECT_THAT(explain("/form"),
              EndsWith("not        rule.form: match.methods does not hold: it is for POST\n"));
  EXPECT_THAT(explain("/about"),
              HasSubstr("nearest    m:1 has the path in other letters (/About)"));
  EXPECT_THAT(explain("/find"), HasSubstr("nearest    m:2 asks for the parameters q=1"));
  EXPECT_THAT(explain("/team"), HasSubstr("nearest    m:3 is for other hosts (www.example.com)"));
  EXPECT_THAT(explain("/About"), Not(HasSubstr("nearest")));
}

}  // namespace
}  // namespace fingerpost

// `fingerpost policy`, for people and for CI systems.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "cli/program.h"
#include "directories.h"

namespace fingerpost {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

const std::string kExamples = FINGERPOST_TESTS_DIR "/../service/policy/examples/";
const std::string kRejected = FINGERPOST_TESTS_DIR "/policy/rejected/";

Outcome Policy(const std::string& arguments) { return RunShell("fingerpost policy " + arguments); }

TEST(PolicyCommand, ChecksAGoodOne) {
  const Outcome outcome = Policy("check " + kExamples + "migration.yaml");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out,
              MatchesRegex(".*migration.yaml: ok, version [0-9a-f]{16}, 0 intents, 3 rules, 7 map "
                           "rows\n"));
}

TEST(PolicyCommand, ChecksABadOneAndListsEveryProblem) {
  const Outcome outcome = Policy("check " + kRejected + "unknown-key.yaml");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out,
              HasSubstr("unknown-key.yaml:4:1: ruls: unknown field; did you mean rules?\n"));
  EXPECT_THAT(outcome.out, HasSubstr("unknown-key.yaml:9:29: rules[0].intent.tarjet: "));
}

// Each of two files is somebody's own; the one that is wrong fails the check, and says which.
TEST(PolicyCommand, FailsForAnyIncludedFile) {
  const Outcome outcome = RunShell(
      "d=$(mktemp -d) && printf 'include: [{files: \"*.part\"}]\\n' > $d/p.yaml && "
      "printf 'rules: [{id: a, match: {path: /a}, intent: {purpose: gone}}]\\n' > $d/a.part && "
      "printf 'ruls: []\\n' > $d/b.part && "
      "fingerpost policy explain --policy $d/p.yaml --url https://h.example/a; "
      "fingerpost policy check $d/p.yaml; echo status $?; rm $d/b.part; "
      "fingerpost policy check $d/p.yaml; echo status $?; "
      "fingerpost policy explain --policy $d/p.yaml --url https://h.example/a; rm -r $d");
  EXPECT_THAT(outcome.out, HasSubstr("b.part:1:1: ruls: unknown field; did you mean rules?\n"));
  EXPECT_THAT(outcome.out, HasSubstr("p.yaml: without 1 of 2 included files, version "));
  EXPECT_THAT(outcome.out, HasSubstr(", 1 rule, 0 map rows\nstatus 1\n"));
  EXPECT_THAT(outcome.out, HasSubstr(", 1 rule, 0 map rows\nstatus 0\n"));
  EXPECT_THAT(outcome.out, HasSubstr("rule.a: matches; in a.part:1\n"));
}

// The warning comes first in the file.
TEST(PolicyCommand, DecideSaysWhyAPolicyIsRefused) {
  const TemporaryFile file(
      "rules:\n"
      "  - {id: a, match: {path: \"/a/*\"}, intent: {purpose: gone}}\n"
      "  - {id: b, match: {path: b}, intent: {purpose: gone}}\n");
  const Outcome outcome =
      RunShell("fingerpost decide --url https://h.example/ --policy " + file.path());
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr(":3:27: rules[1].match.path: expected a path that begins "
                                     "with \"/\" (and more: fingerpost policy check)"));
}

// The command line draws a key, too, so an answer that needs one is not an error.
TEST(PolicyCommand, DecideDrawsAKey) {
  const TemporaryFile file(
      "rules: [{id: a, match: {path: /, share: {percent: 100, sticky_key: {cookie: b, assign: "
      "{max_age: 60s}}}}, intent: {purpose: gone}}]");
  for (const char* command : {"decide", "policy explain"}) {
    const Outcome outcome = RunShell("fingerpost " + std::string(command) +
                                     " --url https://h.example/ --policy " + file.path());
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("Set-Cookie: b="));
  }
}

TEST(PolicyCommand, APassShowsTheFieldsThatGoWithIt) {
  const TemporaryFile file(
      "rules: [{id: a, match: {path: /, fields: [{name: X-Beta}]}, intent: {purpose: gone}}]");
  const Outcome outcome =
      RunShell("fingerpost decide --url https://h.example/ --policy " + file.path());
  EXPECT_THAT(outcome.out, HasSubstr("asked, with these fields, too:\nVary: X-Beta\n"));
}

TEST(PolicyCommand, StrictMindsWarnings) {
  const TemporaryFile file(
      "defaults: {allowed_hosts: [a.example]}\n"
      "rules: [{id: a, match: {path: /a}, intent: {purpose: permanent_move, "
      "target: 'http://a.example/'}}]\n");
  EXPECT_EQ(Policy("check " + file.path()).status, 0);
  const Outcome strict = Policy("check --strict " + file.path());
  EXPECT_EQ(strict.status, 1);
  EXPECT_THAT(strict.out,
              HasSubstr(":2:78: warning: rules[0].intent.target: sends clients to http"));
}

TEST(PolicyCommand, TestsEveryExample) {
  for (const char* name : {"shop", "gateway", "migration", "sso"}) {
    const Outcome outcome = Policy("test " + kExamples + name + ".yaml");
    EXPECT_EQ(outcome.status, 0) << outcome.out;
    EXPECT_THAT(outcome.out, MatchesRegex(".*tests.yaml: [0-9]+ passed, 0 failed\n"));
  }
}

TEST(PolicyCommand, AFailedTestSaysWhatWasExpectedAndFound) {
  const TemporaryFile tests(
      "tests:\n"
      "  - name: the fax <is> back\n"
      "    ask: {request: {method: GET, url: 'https://shop.example.com/fax/a'}}\n"
      "    expect: [status is 308, location is present, rule is fax-order-form]\n");
  const TemporaryFile junit("");
  const std::string& table = tests.path();
  const Outcome outcome =
      Policy("test " + kExamples + "shop.yaml --tests " + table + " --junit " + junit.path());
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, table + ":2:5: the fax <is> back\n" +
                             "    expected: status is 308; found: status is 410\n" + table +
                             ":2:5: the fax <is> back\n" +
                             "    expected: location is present; found: location is absent\n" +
                             table + ": 0 passed, 1 failed\n");
  std::ifstream in(junit.path());
  const std::string xml(std::istreambuf_iterator<char>(in), {});
  EXPECT_THAT(xml, StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>"));
  EXPECT_THAT(xml, HasSubstr("tests=\"1\" failures=\"1\""));
  EXPECT_THAT(xml, HasSubstr("name=\"the fax &lt;is&gt; back\""));
}

TEST(PolicyCommand, ExplainsWhichRuleAndWhy) {
  const Outcome outcome = Policy("explain --policy " + kExamples +
                                 "gateway.yaml --url https://api.example.com/v1/reports/7");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, StartsWith("HTTP/1.1 410 Gone\n"));
  EXPECT_THAT(outcome.out, HasSubstr("rule.v1-reports"));
  EXPECT_THAT(outcome.out, HasSubstr("would match; v1-reports comes first"));
}

TEST(PolicyCommand, GivesTheSchema) {
  const Outcome outcome = Policy("schema");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, HasSubstr("\"path_prefix\": {"));
  EXPECT_THAT(outcome.out, HasSubstr("\"const\": \"form_result\""));
  EXPECT_EQ(RunShell("fingerpost policy schema | python3 -m json.tool >/dev/null").status, 0);
  EXPECT_EQ(RunShell("fingerpost policy schema --tests | python3 -m json.tool >/dev/null").status,
            0);
}

TEST(PolicyCommand, TheDefaultPolicyIsOneToBeginWith) {
  const Outcome shown = Policy("default");
  EXPECT_EQ(shown.status, 0);
  const TemporaryFile file(shown.out);
  const Outcome checked = Policy("check --strict " + file.path());
  EXPECT_EQ(checked.status, 0) << checked.out;
  const std::string ask = "explain --url https://shop.example.com/ ";
  EXPECT_EQ(Policy(ask).out, Policy(ask + "--policy " + file.path()).out) << "the version, too";
  EXPECT_THAT(Policy(ask).out, StartsWith("PASS"));
}

TEST(PolicyCommand, DecideAnswersByAPolicy) {
  const std::string ask = "fingerpost decide --url https://api.example.com/v1/orders --json";
  const Outcome outcome = RunShell(ask + " --policy " + kExamples + "gateway.yaml");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, HasSubstr("\"rule\":\"v1-to-v2\""));
  const Outcome bad = RunShell(ask + " --policy " + kRejected + "share.yaml");
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, HasSubstr("share.yaml:6:41: rules[0].match.share.percent"));
  EXPECT_THAT(bad.err, HasSubstr("(and more: fingerpost policy check)"));
  EXPECT_EQ(RunShell(ask + " --server 127.0.0.1:1 --policy " + kExamples + "gateway.yaml").status,
            2);
}

TEST(PolicyCommand, WantsToKnowWhatToDo) {
  EXPECT_EQ(Policy("").status, 2);
  EXPECT_EQ(Policy("check").status, 2);
  EXPECT_EQ(Policy("test " + kExamples + "shop.yaml --tests /nowhere").status, 4);
}

}  // namespace
}  // namespace fingerpost

// `fingerpost policy export` and `policy diff`, as a person runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/policy_directory.h"
#include "cli/program.h"

namespace fingerpost {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kPolicy =
    "defaults: {allowed_hosts: [b.example]}\n"
    "rules:\n"
    "  - id: blog\n"
    "    match: {path_prefix: /blog}\n"
    "    intent: {purpose: permanent_move, target: \"https://b.example/{rest}\"}\n"
    "  - id: gone\n"
    "    match: {path: /gone}\n"
    "    intent: {purpose: gone}\n"
    "maps: [{name: pages, file: pages.csv}]\n";

class PolicyFile : public PolicyDirectory {
 protected:
  PolicyFile() {
    Write("old.yaml", kPolicy);
    Write("pages.csv", "/one,/uno\n");
  }

  // A policy with another target of the blog.
  void WriteNew() const {
    std::string text = kPolicy;
    text.replace(text.find("b.example/{rest}"), 16, "b.example/new{rest}");
    Write("new.yaml", text);
  }
};

using PolicyExport = PolicyFile;

TEST_F(PolicyExport, WritesWhatTheFormatSaysAndReportsTheRest) {
  const Outcome outcome = Policy("export gateway old.yaml --output routes.yaml");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("old.yaml:6: skipped: answers with 410"));
  EXPECT_THAT(outcome.err, HasSubstr("pages.csv:1: changed: passes the request's query on"));
  EXPECT_THAT(outcome.err, HasSubstr("old.yaml: 2 exported, 1 left out, 1 changed\n"));
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(Read("routes.yaml"), HasSubstr("replacePrefixMatch: /"));
}

TEST_F(PolicyExport, WithoutOutputIsStandardOutput) {
  const Outcome outcome = Policy("export nginx old.yaml");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("return 308 \"/uno\""));
}

TEST_F(PolicyExport, HostIsForWhatNamesNone) {
  const Outcome outcome = Policy("export cloudflare-csv old.yaml --host a.example");
  EXPECT_THAT(outcome.out,
              HasSubstr("a.example/blog,https://b.example/,308,TRUE,FALSE,TRUE,TRUE\n"));
}

TEST_F(PolicyExport, SaysWhatIsWrong) {
  EXPECT_THAT(Policy("export netlyfi old.yaml").err, HasSubstr("did you mean netlify?"));
  EXPECT_EQ(Policy("export netlify none.yaml").status, 1);
  Write("bad.yaml", "rulez: []\n");
  const Outcome outcome = Policy("export netlify bad.yaml");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("bad.yaml:1:1: rulez: unknown field"));
  EXPECT_EQ(Policy("export netlify old.yaml --output no/such/file").status, 4);
}

TEST_F(PolicyExport, CoversIncludedFilesAndTheirMaps) {
  Write("site.yaml", "include:\n  - {files: team.yaml}\n" + std::string(kPolicy));
  Write("team.yaml",
        "rules:\n"
        "  - {id: lost, match: {path: /lost}, intent: {purpose: gone}}\n"
        "  - {id: tea, match: {path: /tea}, intent: {purpose: permanent_move, target: /teas}}\n"
        "maps: [{name: team, file: team.csv}]\n");
  Write("team.csv", "/two,/zwei\n/three,,410\n");
  const Outcome outcome = Policy("export gateway site.yaml");
  EXPECT_EQ(outcome.status, 1);
  for (const char* told :
       {"site.yaml:8: skipped: answers with 410",
        "pages.csv:1: changed: ", "team.yaml:2: skipped: answers with 410",
        "team.yaml:3: changed: ", "team.csv:1: changed: ", "team.csv:2: skipped: answers with 410",
        "site.yaml: 4 exported, 3 left out"}) {
    EXPECT_THAT(outcome.err, HasSubstr(told));
  }
  for (const char* target : {"/uno", "/teas", "/zwei"}) {
    EXPECT_THAT(outcome.out, HasSubstr(std::string("replaceFullPath: ") + target));
  }
}

TEST_F(PolicyExport, RefusesAPolicyWithAWrongFile) {
  Write("site.yaml", "include:\n  - {files: team.yaml}\n" + std::string(kPolicy));
  Write("team.yaml", "rulez: []\n");
  const Outcome outcome = Policy("export nginx site.yaml");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("team.yaml:1:1: rulez: unknown field"));
}

using PolicyDiff = PolicyFile;

TEST_F(PolicyDiff, WithoutTrafficAsksForEveryRuleAndRow) {
  EXPECT_EQ(Policy("diff old.yaml old.yaml").status, 0);
  WriteNew();
  const Outcome outcome = Policy("diff old.yaml new.yaml");
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("blog: "));
  EXPECT_THAT(outcome.out,
              HasSubstr("     - 308 https://b.example/x\n     + 308 https://b.example/new/x\n"));
  Write("rows.csv", "/one,/eins\n/two,/zwei\n");
  std::string text = kPolicy;
  text.replace(text.find("pages.csv"), 9, "rows.csv");
  Write("rows.yaml", text);
  const Outcome rows = Policy("diff old.yaml rows.yaml");
  EXPECT_THAT(rows.out, HasSubstr("map pages: "));
  EXPECT_THAT(rows.out, HasSubstr("     - 308 /uno\n     + 308 /eins\n"));
  EXPECT_THAT(rows.out, HasSubstr("no rule -> map pages: "));
}

// Each is a change of one condition, setting or part of an answer.
struct Changed {
  const char* name;
  std::string old, now;
  const char* expected;  // A part of what is printed.

  friend void PrintTo(const Changed& changed, std::ostream* out) { *out << changed.name; }
};

std::string OneRule(const std::string& match, const std::string& intent = "target: /b") {
  return "rules: [{id: one, match: {" + match + "}, intent: {purpose: permanent_move, " + intent +
         "}}]\n";
}

class PolicyDiffSees : public PolicyFile, public ::testing::WithParamInterface<Changed> {};

TEST_P(PolicyDiffSees, Change) {
  const Changed& change = GetParam();
  Write("before.yaml", change.old);
  Write("after.yaml", change.now);
  const Outcome outcome = Policy("diff before.yaml after.yaml");
  EXPECT_EQ(outcome.status, 1) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr(change.expected));
  EXPECT_EQ(Policy("diff before.yaml before.yaml").status, 0);
  EXPECT_EQ(Policy("diff after.yaml before.yaml").status, 1);
}

const std::string kIntents =
    "intents: {done: {intent: {purpose: form_result, target: \"/orders/{id}\"}}}\n";
const std::string kHttps = "defaults: {require_https: true}\n";

INSTANTIATE_TEST_SUITE_P(
    Kinds, PolicyDiffSees,
    ::testing::Values(
        Changed{"Host", OneRule("hosts: [a.example, b.example], path: /a"),
                OneRule("hosts: [a.example], path: /a"), "GET https://b.example/a\n     - 308 /b"},
        Changed{"Domain", OneRule("hosts: [.a.example], path: /a"),
                OneRule("hosts: [\"*.a.example\"], path: /a"),
                "GET https://a.example/a\n     - 308 /b\n     + pass"},
        Changed{"Method", OneRule("path: /a, methods: [GET, PUT]"),
                OneRule("path: /a, methods: [GET]"), "PUT https://sample.invalid/a\n"},
        Changed{"OtherMethod", OneRule("path: /a, methods: [GET, POST]"), OneRule("path: /a"),
                "DELETE https://sample.invalid/a\n     - pass\n     + 308 /b\n"},
        Changed{"Language", OneRule("path: /a, accept_language: {prefers: [de, fr]}"),
                OneRule("path: /a, accept_language: {prefers: [de]}"), "     - 308 /b\n"},
        Changed{"LanguageOver", OneRule("path: /a, accept_language: {prefers: [de], over: [en]}"),
                OneRule("path: /a, accept_language: {prefers: [de]}"),
                "     - 308 /b\n     + pass\n"},
        Changed{"Client", OneRule("path: /a, clients: [browser, api]"),
                OneRule("path: /a, clients: [browser]"), "     - 308 /b\n"},
        Changed{"Regex", OneRule("path_regex: \"/n/[0-9]+\""),
                OneRule("path_regex: \"/n/[0-9]+\"", "target: /c"),
                "     - 308 /b\n     + 308 /c\n"},
        Changed{"Case", OneRule("path: /a, case: insensitive"), OneRule("path: /a"),
                "GET https://sample.invalid/A\n     - 308 /b"},
        Changed{"Exception", OneRule("path_prefix: /a"),
                OneRule("path_prefix: /a, not: [{path: /a/keep}]"),
                "GET https://sample.invalid/a/keep\n     - 308 /b\n     + pass\n"},
        Changed{"AbsentCookie", OneRule("path: /a, cookies: [{name: id, present: false}]"),
                OneRule("path: /a"), "     + 308 /b\n"},
        Changed{"CookieCondition", OneRule("path: /a"), OneRule("path: /a, cookies: [{name: id}]"),
                "     - 308 /b\n     + pass\n"},
        Changed{"Share", OneRule("path: /a, share: {percent: 5, sticky_key: {cookie: id}}"),
                OneRule("path: /a, share: {percent: 15, sticky_key: {cookie: id}}"),
                "     + 308 /b\n"},
        Changed{"Cookie", OneRule("path: /a"),
                OneRule("path: /a", "target: /b, cookies: [{name: seen, value: \"1\"}]"),
                "     - 308 /b\n     + 308 /b\n     +   Set-Cookie: seen=1"},
        Changed{"Https", kHttps, "defaults: {require_https: false}\n",
                "GET http://sample.invalid/\n     - 308 https://sample.invalid/\n     + pass\n"},
        Changed{"HttpsOfAHost", kHttps,
                kHttps + "hosts: [{hosts: [a.example], defaults: {require_https: false}}]\n",
                "GET http://a.example/\n     - 308 https://a.example/\n     + pass\n"},
        Changed{"HttpsExempt", kHttps, "defaults: {require_https: true, https_exempt: [/ping/*]}\n",
                "GET http://sample.invalid/ping/x\n"},
        Changed{"Canonical", "defaults: {canonical: {slash: remove}}\n", "defaults: {}\n",
                "GET https://sample.invalid/x/\n"},
        Changed{"NamedIntent", kIntents,
                "intents: {done: {intent: {purpose: form_result, target: \"/o/{id}\"}}}\n",
                "intent done: "},
        Changed{"NamedIntentGone", kIntents, "rules: []\n", "     + error: intent_name: "}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(PolicyDiff, AsksForRulesOfIncludedFiles) {
  const auto policy = [this](const std::string& name) {
    Write(name + ".yaml", "include: [{files: " + name + "-part.yaml}]\n");
  };
  policy("before");
  policy("after");
  Write("before-part.yaml", OneRule("path: /a"));
  Write("after-part.yaml", OneRule("path: /a", "target: /c"));
  const Outcome outcome = Policy("diff before.yaml after.yaml");
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("     - 308 /b\n     + 308 /c\n"));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(PolicyDiff, EveryHostOfARuleIsAsked) {
  std::string hosts;
  for (int i = 0; i < 20; ++i) hosts += "h" + std::to_string(i) + ".example, ";
  Write("before.yaml", OneRule("hosts: [" + hosts + "z.example], path: /a"));
  Write("after.yaml", OneRule("hosts: [" + hosts + "y.example], path: /a"));
  const Outcome outcome = Policy("diff before.yaml after.yaml");
  EXPECT_THAT(outcome.out, HasSubstr("GET https://z.example/a\n"));
  EXPECT_THAT(outcome.out, HasSubstr("GET https://y.example/a\n"));
}

TEST_F(PolicyDiff, CountsTheRequestsOfEveryLog) {
  WriteNew();
  Write("log",
        "10.0.0.1 - - [29/Nov/2026:12:00:00 +0000] \"GET /blog/a HTTP/1.1\" 308 0\n"
        "10.0.0.1 - - [29/Nov/2026:12:00:00 +0000] \"GET /blog/a HTTP/1.1\" 308 0 \"-\" \"x\"\n"
        "a.example:443 10.0.0.1 - - [29/Nov/2026:12:00:00 +0000] \"POST /blog/a HTTP/1.1\" 308 0\n"
        "{\"rpc\":\"decide\",\"method\":\"GET\",\"url\":\"https://a.example/blog/a\"}\n"
        "{\"rpc\":\"health\"}\n"
        "{\"request\":\"GET /blog/a HTTP/1.1\"}\n"
        "https://a.example/blog/a\n"
        "GET /blog/b\n"
        "/about\n"
        "\n# a comment\n"
        "nonsense\n");
  const Outcome outcome = Policy("diff old.yaml new.yaml --requests log --host a.example");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out,
            "blog: 7 requests\n"
            "  6  GET https://a.example/blog/a\n"
            "     - 308 https://b.example/a\n     + 308 https://b.example/new/a\n"
            "  1  GET https://a.example/blog/b\n"
            "     - 308 https://b.example/b\n     + 308 https://b.example/new/b\n"
            "8 requests, 2 answers changed for 7 of them; 1 unreadable\n");
  EXPECT_EQ(outcome.err, "log:12: is no request\n");
  EXPECT_EQ(Policy("diff old.yaml old.yaml --requests log --host a.example").status, 0);
}

TEST_F(PolicyDiff, ListsTheFirstAnswersAndCountsTheOthers) {
  WriteNew();
  std::string urls;
  for (int i = 0; i < 1000; ++i) urls += "/blog/" + std::to_string(i) + "\n";
  Write("urls", urls);
  const Outcome outcome = Policy("diff old.yaml new.yaml --requests urls --host a.example");
  EXPECT_THAT(outcome.out, HasSubstr("  980  other requests, with more answers\n"));
  EXPECT_THAT(outcome.out,
              HasSubstr("1000 requests, more than 20 answers changed for 1000 of them\n"));
}

TEST_F(PolicyDiff, TroubleIsTwo) {
  EXPECT_EQ(Policy("diff old.yaml none.yaml").status, 2);
  EXPECT_EQ(Policy("diff old.yaml old.yaml --requests none").status, 2);
  EXPECT_EQ(Policy("diff old.yaml").status, 2);
  Write("empty", "# nothing\n");
  const Outcome nothing = Policy("diff old.yaml old.yaml --requests empty");
  EXPECT_EQ(nothing.status, 2);
  EXPECT_THAT(nothing.out, Not(HasSubstr("the same answers")));
}

}  // namespace
}  // namespace fingerpost

// `fingerpost policy check --fix`, `graph`, and what `explain` says of a miss.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "cli/program.h"

namespace fingerpost {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class PolicyGraph : public ::testing::Test {
 protected:
  PolicyGraph() {
    std::string name = fs::temp_directory_path() / "fingerpost-graph-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~PolicyGraph() override { fs::remove_all(directory_); }

  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(directory_ / name, std::ios::binary) << content;
  }
  [[nodiscard]] std::string Read(const std::string& name) const {
    std::ifstream in(directory_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] Outcome Policy(const std::string& arguments) const {
    return RunShell("cd " + directory_.string() + " && fingerpost policy " + arguments);
  }

  fs::path directory_;
};

constexpr char kDocument[] = R"yaml(# The site's redirects.
defaults: {allowed_hosts: [new.example], query: {mode: drop}}
rules:
  - id: a # moved twice
    match: {path: /a}
    intent: {purpose: permanent_move, target: "/b"} # soon gone
  - id: b
    match: {path: /b}
    intent:
      target: /row # é before it
      purpose: permanent_move
  - {id: t, match: {path: /t}, intent: {purpose: temporary_move, target: '/end'}}
  - {id: p, match: {path: /p}, intent: {purpose: permanent_move, target: /t}}
  - {id: some, match: {path: /s}, intent: {purpose: permanent_move, target: /s2}}
  - {id: get-only, match: {path: /s2, methods: [GET]}, intent: {purpose: permanent_move, target: /s3}}
maps:
  - {name: rows, file: rows.csv}
)yaml";
constexpr char kRows[] =
    "source,target,code\r\n# kept\r\n/row, /row2 ,301\r\n/row2,/row3,302\r\n"
    "/row3,\"https://new.example/a,b\"\n/r, /t\n/see,/row3,303\n/to-see,/see,308\n";

TEST_F(PolicyGraph, FixWritesTheLastTargetsAndNothingElse) {
  Write("p.yaml", kDocument);
  Write("rows.csv", kRows);
  chmod((directory_ / "rows.csv").c_str(), 0640);
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("p.yaml:6: /b -> https://new.example/a,b, 307\n"));
  EXPECT_THAT(outcome.out, HasSubstr("rows.csv:3: /row2 -> https://new.example/a,b, 302\n"));
  EXPECT_EQ(Read("rows.csv"),
            "source,target,code\r\n# kept\r\n/row, \"https://new.example/a,b\" ,302\r\n"
            "/row2,\"https://new.example/a,b\",302\r\n"
            "/row3,\"https://new.example/a,b\"\n/r, /end,307\n"
            "/see,\"https://new.example/a,b\",303\n/to-see,\"https://new.example/a,b\",303\n");
  std::string expected = kDocument;
  const auto replace = [&](const std::string& from, const std::string& to) {
    const size_t at = expected.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    expected.replace(at, from.size(), to);
  };
  replace("permanent_move, target: \"/b\"", "temporary_move, target: \"https://new.example/a,b\"");
  replace("target: /row #", "target: \"https://new.example/a,b\" #");
  replace("      purpose: permanent_move", "      purpose: temporary_move");
  replace("permanent_move, target: /t}", "temporary_move, target: /end}");
  EXPECT_EQ(Read("p.yaml"), expected);
  struct stat is = {};
  ASSERT_EQ(stat((directory_ / "rows.csv").c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777U, 0640U);
  // What stays ends elsewhere for other methods.
  EXPECT_THAT(outcome.out, HasSubstr("1 left, which end elsewhere for some requests"));
  EXPECT_THAT(Policy("check p.yaml").out, HasSubstr("rules[4].intent.target: leads on by"));
  EXPECT_THAT(Policy("check --fix p.yaml").out, HasSubstr("p.yaml: 0 chains flattened, 1 left"));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 2);
}

TEST_F(PolicyGraph, FixKeepsWhereTheQueryGoes) {
  const std::string text =
      "rules:\n"
      "  - {id: a, match: {path: /a}, intent: {purpose: permanent_move, target: /b}}\n"
      "  - {id: b, match: {path: /b}, intent: {purpose: permanent_move, target: /c, query: {mode: "
      "keep}}}\n"
      "  - {id: d, match: {path: /d}, intent: {purpose: permanent_move, target: /e, query: {mode: "
      "keep}}}\n"
      "  - {id: e, match: {path: /e}, intent: {purpose: permanent_move, target: /f}}\n";
  Write("p.yaml", text);
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_THAT(outcome.out, HasSubstr("p.yaml: 1 chain flattened, 1 left"));
  EXPECT_THAT(Read("p.yaml"), HasSubstr("target: /c}}\n"));
  EXPECT_THAT(Read("p.yaml"), HasSubstr("target: /e, query"));
}

TEST_F(PolicyGraph, FixLeavesWhatAnotherHostEndsElsewhere) {
  const std::string text =
      "rules:\n"
      "  - {id: a, match: {path: /a}, intent: {purpose: permanent_move, target: /b}}\n"
      "  - {id: b, match: {path: /b}, intent: {purpose: permanent_move, target: /c}}\n"
      "  - {id: own, match: {path: /b, hosts: [h.example]}, intent: {purpose: permanent_move, "
      "target: /d}}\n";
  Write("p.yaml", text);
  EXPECT_THAT(Policy("check --fix p.yaml").out, HasSubstr("0 chains flattened, 1 left"));
  EXPECT_EQ(Read("p.yaml"), text);
}

TEST_F(PolicyGraph, FixNeverWritesTheHostOfASample) {
  const std::string hosts =
      "defaults: {allowed_hosts: [.new.example]}\n"
      "rules:\n"
      "  - {id: a, match: {path: /d/a}, intent: {purpose: permanent_move, target: b}}\n"
      "  - {id: b, match: {path: /d/b}, intent: {purpose: permanent_move, target: /c}}\n"
      "  - {id: deep, match: {path_prefix: /e}, intent: {purpose: permanent_move, target: ../x}}\n"
      "  - {id: x, match: {path: /x}, intent: {purpose: permanent_move, target: /y}}\n"
      "  - {id: w, match: {path: /w, hosts: ['*.example.com']}, intent: {purpose: permanent_move, "
      "target: /v}}\n"
      "  - {id: v, match: {path: /v, hosts: ['*.example.com']}, intent: {purpose: permanent_move, "
      "target: 'https://{1}.new.example/u'}}\n";
  Write("p.yaml", hosts);
  EXPECT_THAT(Policy("check p.yaml").out, Not(HasSubstr("sample.invalid")));
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("p.yaml: 1 chain flattened, 2 left"));
  std::string expected = hosts;
  expected.replace(expected.find("target: b}"), 9, "target: /c");
  EXPECT_EQ(Read("p.yaml"), expected);
}

TEST_F(PolicyGraph, FixKeepsWhatAnAnswerOnTheWayDoes) {
  const std::string cookies = "cookies: [{name: a, value: '1'}]";
  const auto rule = [](const std::string& path, const std::string& target,
                       const std::string& more) {
    return "  - {id: " + path + ", match: {path: /" + path +
           "}, intent: {purpose: temporary_move, target: /" + target +
           (more.empty() ? "" : ", " + more) + "}}\n";
  };
  for (const std::string& more :
       {cookies, std::string("hsts: {max_age: 86400s}"), std::string("flash: {text: Saved}"),
        std::string("robots: [noindex]")}) {
    const std::string text = "rules:\n" + rule("a", "b", "") + rule("b", "c", more) +
                             rule("d", "e", more) + rule("e", "f", more);
    Write("p.yaml", text);
    EXPECT_THAT(Policy("check p.yaml").out,
                HasSubstr("rules[0].intent.target: leads on by rules[1] (b, line 3), a hop more; "
                          "lead to the end in one hop\n"));
    EXPECT_THAT(Policy("check --fix p.yaml").out,
                HasSubstr("p.yaml: 1 chain flattened, 1 left, which "))
        << more;
    std::string expected = text;
    expected.replace(expected.find("target: /e"), 10, "target: /f");
    EXPECT_EQ(Read("p.yaml"), expected);
  }
  Write("rows.csv", "/a,/b\n/r,/s\n/s,/t,302\n");
  Write("p.yaml", "rules:\n" + rule("b", "c", cookies) +
                      "maps: [{name: m, file: rows.csv, intent: {" + cookies + "}}]\n");
  EXPECT_THAT(Policy("check --fix p.yaml").out, HasSubstr("p.yaml: 2 chains flattened\n"));
  Write("rows.csv", "/a,/b\n");
  Write("p.yaml", "rules:\n" + rule("b", "c", cookies) + "maps: [{name: m, file: rows.csv}]\n");
  EXPECT_THAT(Policy("check --fix p.yaml").out, HasSubstr("p.yaml: 0 chains flattened, 1 left"));
  EXPECT_EQ(Read("rows.csv"), "/a,/b\n");
}

TEST_F(PolicyGraph, FixLeavesAChainOfWhichSomeParametersPass) {
  const std::string moves =
      "rules:\n"
      "  - {id: a, match: {path: /a}, intent: {purpose: permanent_move, target: /b%}}\n"
      "  - {id: b, match: {path: /b}, intent: {purpose: permanent_move, target: /c, query: {mode: "
      "drop}}}\n";
  const std::string some = "query: {mode: keep, allowed_names: [q]}";
  const auto with = [&](const std::string& own) {
    std::string text = moves;
    return text.replace(text.find('%'), 1, own);
  };
  for (const std::string& text :
       {with(", " + some), "defaults: {" + some + "}\n" + with(""),
        "hosts: [{hosts: [h.example], defaults: {" + some + "}}]\n" + with("")}) {
    Write("p.yaml", text);
    EXPECT_THAT(Policy("check --fix p.yaml").out, HasSubstr("0 chains flattened, 1 left")) << text;
    EXPECT_EQ(Read("p.yaml"), text);
  }
}

TEST_F(PolicyGraph, FixTouchesNoPolicyWithErrors) {
  const std::string text =
      "rules:\n"
      "  - {id: a, match: {path: /a}, intent: {purpose: permanent_move, target: /b}}\n"
      "  - {id: b, match: {path: /b}, intent: {purpose: permanent_move, target: /a}}\n";
  Write("p.yaml", text);
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("leads back to the rule by rules[1] (b, line 3)"));
  EXPECT_EQ(Read("p.yaml"), text);
}

TEST_F(PolicyGraph, AChainLongerThanClientsFollowIsFlattenedToo) {
  std::string rows;
  for (int i = 0; i < 50; ++i) {
    rows += "/" + std::to_string(i) + ",/" + std::to_string(i + 1) + "\n";
  }
  Write("rows.csv", rows);
  Write("p.yaml", "maps: [{name: m, file: rows.csv}]\n");
  EXPECT_THAT(Policy("check p.yaml").out, HasSubstr("rows.csv:1:1: "));
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_THAT(Read("rows.csv"), HasSubstr("/0,/50\n"));
  EXPECT_THAT(Read("rows.csv"), HasSubstr("/48,/50\n"));
  EXPECT_THAT(Policy("check --strict p.yaml").out, HasSubstr("p.yaml: ok"));
}

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

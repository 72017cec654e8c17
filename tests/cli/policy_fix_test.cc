// `fingerpost policy check --fix`, as a person runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "cli/policy_directory.h"
#include "cli/program.h"

namespace fingerpost {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class PolicyFix : public PolicyDirectory {};

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
    "source,target,code\r\n# kept\r\n/row, /row2 ,308\r\n/row2,/row3,307\r\n"
    "/row3,\"https://new.example/a,b\"\n/r, /t\n/see,/row3,303\n/to-see,/see,308\n";

TEST_F(PolicyFix, WritesTheLastTargetsAndNothingElse) {
  Write("p.yaml", kDocument);
  Write("rows.csv", kRows);
  chmod((directory_ / "rows.csv").c_str(), 0640);
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("p.yaml:6: /b -> https://new.example/a,b, 307\n"));
  EXPECT_THAT(outcome.out, HasSubstr("rows.csv:3: /row2 -> https://new.example/a,b, 307\n"));
  EXPECT_EQ(Read("rows.csv"),
            "source,target,code\r\n# kept\r\n/row, \"https://new.example/a,b\" ,307\r\n"
            "/row2,\"https://new.example/a,b\",307\r\n"
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

TEST_F(PolicyFix, KeepsWhereTheQueryGoes) {
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

TEST_F(PolicyFix, LeavesWhatAnotherHostEndsElsewhere) {
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

TEST_F(PolicyFix, NeverWritesTheHostOfASample) {
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

TEST_F(PolicyFix, KeepsWhatAnAnswerOnTheWayDoes) {
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

TEST_F(PolicyFix, LeavesAChainOfWhichSomeParametersPass) {
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

TEST_F(PolicyFix, TouchesNoPolicyWithErrors) {
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

TEST_F(PolicyFix, AChainLongerThanClientsFollowIsFlattenedToo) {
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

std::string Moves(const std::string& id, const std::string& from, const std::string& to,
                  const std::string& more = "") {
  return "  - {id: " + id + ", match: {path: " + from +
         "}, intent: {purpose: permanent_move, target: " + to + more + "}}\n";
}

TEST_F(PolicyFix, FlattensInTheFileThatHasTheChain) {
  Write("p.yaml", "include:\n  - {files: teams/*.yaml}\nrules:\n" + Moves("a", "/a", "/b"));
  Write("teams/b.yaml",
        "# Team B\nrules:\n" + Moves("b", "/b", "/c") + "maps: [{name: rows, file: rows.csv}]\n");
  Write("teams/c.yaml", "rules:\n" + Moves("c", "/c", "/d"));
  Write("teams/rows.csv", "/r,/b\n");
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("p.yaml:4: /b -> /d\nteams/b.yaml:3: /c -> /d\n"
                                     "teams/rows.csv:1: /b -> /d\np.yaml: 3 chains flattened\n"));
  EXPECT_THAT(Read("p.yaml"), HasSubstr(Moves("a", "/a", "/d")));
  EXPECT_EQ(Read("teams/b.yaml"), "# Team B\nrules:\n" + Moves("b", "/b", "/d") +
                                      "maps: [{name: rows, file: rows.csv}]\n");
  EXPECT_EQ(Read("teams/rows.csv"), "/r,/d\n");
  EXPECT_THAT(Policy("check --strict p.yaml").out, HasSubstr("p.yaml: ok"));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "teams"), {}), 3);
}

TEST_F(PolicyFix, AFileOfTwoMapsIsRightForBoth) {
  Write("rows.csv", "/a,/b\n/c,/d\n/e,/f\n/f,/g\n");
  Write("p.yaml", "rules:\n" + Moves("b", "/b", "/z") +
                      "  - {id: d, match: {path: /d, hosts: [one.example]}, intent: {purpose: "
                      "permanent_move, target: /y}}\n"
                      "maps:\n"
                      "  - {name: one, file: rows.csv, host: one.example}\n"
                      "  - {name: two, file: ./rows.csv, host: two.example}\n");
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(Read("rows.csv"), "/a,/z\n/c,/d\n/e,/g\n/f,/g\n");
  EXPECT_THAT(outcome.out, HasSubstr("p.yaml: 2 chains flattened, 1 left, which stand in a file of "
                                     "several maps, and do not hold for each\n"));
}

TEST_F(PolicyFix, FilesAreFoundBehindLinks) {
  Write("real/p.yaml", "maps: [{name: m, file: rows.csv}]\nrules:\n" + Moves("a", "/a", "/r"));
  Write("real/rows.csv", "/r,/s\n/s,/t\n");
  fs::create_symlink("real/p.yaml", directory_ / "p.yaml");
  EXPECT_THAT(Policy("check --fix p.yaml").out, HasSubstr("p.yaml: 2 chains flattened"));
  EXPECT_TRUE(fs::is_symlink(directory_ / "p.yaml"));
  EXPECT_EQ(Read("real/rows.csv"), "/r,/t\n/s,/t\n");
  EXPECT_THAT(Read("real/p.yaml"), HasSubstr(Moves("a", "/a", "/t")));
}

TEST_F(PolicyFix, AWrongFragmentStopsIt) {
  const std::string text =
      "include: [{files: part.yaml}]\nrules:\n" + Moves("a", "/a", "/b") + Moves("b", "/b", "/c");
  Write("p.yaml", text);
  Write("part.yaml", "rulez: []\n");
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("p.yaml: no chain is flattened while there are errors\n"));
  EXPECT_THAT(outcome.out, HasSubstr("part.yaml:1:1: rulez: unknown field"));
  EXPECT_EQ(Read("p.yaml"), text);
}

TEST_F(PolicyFix, AFileThatCannotBeReplacedIsNamedAndNothingIsDone) {
  const std::string text = "include: [{files: part.yaml}]\nrules:\n" + Moves("a", "/a", "/b");
  Write("p.yaml", text);
  Write("part.yaml", "rules:\n" + Moves("b", "/b", "/c") + Moves("c", "/c", "/d"));
  // A file on which another file system is mounted has a name that no rename can take.
  const Outcome outcome = RunShell(
      "cd " + directory_.string() +
      " && unshare --user --map-root-user --mount sh -c 'mount --bind part.yaml part.yaml && "
      "fingerpost policy check --fix p.yaml'");
  if (outcome.err.find("fingerpost: ") == std::string::npos)
    GTEST_SKIP() << "this system lets nobody mount in a namespace: " << outcome.err;
  EXPECT_EQ(outcome.status, 4) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("part.yaml: "));
  EXPECT_EQ(Read("p.yaml"), text);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 2);
}

TEST_F(PolicyFix, KeepsWhetherThePostBecomesAGet) {
  Write("rows.csv", "/a,/b,308\n/b,/c,301\n/c,/d,307\n/e,/f,301\n/f,/g,302\n");
  Write("p.yaml", "maps: [{name: m, file: rows.csv}]\nrules:\n" + Moves("r", "/r", "/b") +
                      Moves("l", "/l", "/b", ", compatibility: legacy"));
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_EQ(Read("rows.csv"), "/a,/d,302\n/b,/d,302\n/c,/d,307\n/e,/g,302\n/f,/g,302\n");
  EXPECT_THAT(outcome.out,
              HasSubstr("4 chains flattened, 1 left, which need another code than their author's"));
  EXPECT_THAT(Read("p.yaml"), HasSubstr(Moves("r", "/r", "/b")));
  EXPECT_THAT(Read("p.yaml"), HasSubstr("{purpose: temporary_move, target: /d, compat"));
}

TEST_F(PolicyFix, NamesNoHostThatIsNotAllowed) {
  const std::string text =
      "rules:\n" + Moves("a", "/a", "/b") +
      Moves("b", "/b", "\"https://new.example/\"", ", allowed_hosts: [new.example]");
  Write("p.yaml", text);
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_THAT(outcome.out,
              HasSubstr("1 left, which end on a host that their targets may not name"));
  EXPECT_EQ(Read("p.yaml"), text);
}

TEST_F(PolicyFix, KeepsEncodingAndLineEnds) {
  const std::string document =
      "\xEF\xBB\xBFrules: [{id: a, description: \"é\", match: {path: /a}, intent: {purpose: "
      "permanent_move, target: '/b'}},\r\n  {id: b, description: ü, match: {path: /b}, intent: "
      "{target: \"/c\", purpose: permanent_move}}]\r\n"
      "maps: [{name: m, file: rows.csv}]\r\n";
  Write("p.yaml", document);
  Write("rows.csv", "\xEF\xBB\xBF\"/x,y\",/b\r\n/c , \"/d\" \r\n");
  const Outcome outcome = Policy("check --fix p.yaml");
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  std::string expected = document;
  expected.replace(expected.find("'/b'"), 4, "'/d'");
  expected.replace(expected.find("\"/c\""), 4, "\"/d\"");
  EXPECT_EQ(Read("p.yaml"), expected);
  EXPECT_EQ(Read("rows.csv"), "\xEF\xBB\xBF\"/x,y\",/d\r\n/c , \"/d\" \r\n");
}

TEST_F(PolicyFix, LeavesWhatIsWrittenInAnotherWay) {
  const std::string text = "rules:\n" + Moves("a", "/a", "\"\\u002Fb\"") + Moves("b", "/b", "/c");
  Write("p.yaml", text);
  EXPECT_THAT(
      Policy("check --fix p.yaml").out,
      HasSubstr("0 chains flattened, 1 left, which are written in a way that is not edited"));
  EXPECT_EQ(Read("p.yaml"), text);
}

TEST_F(PolicyFix, LeavesAPathThatARowWithAQueryIsFor) {
  Write("rows.csv", "/b?x=1,/odd\n");
  Write("p.yaml", "maps: [{name: m, file: rows.csv}]\ndefaults: {query: {mode: keep}}\nrules:\n" +
                      Moves("a", "/a", "/b") + Moves("b", "/b", "/c"));
  EXPECT_THAT(Policy("check --fix p.yaml").out, HasSubstr("0 chains flattened, 1 left"));
}

}  // namespace
}  // namespace fingerpost

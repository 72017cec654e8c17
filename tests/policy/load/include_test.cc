// What a file of a policy that is wrong changes for the others: nothing.
#include "policy/load/including.h"

namespace fingerpost::policy::load {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Include, FilesFollowTheDocumentInTheOrderOfTheirNames) {
  Write("p.yaml", std::string(kTeams) + "rules:\n" + Rule("own", "path: /own"));
  Write("teams/b/b.yaml", kB);
  Write("teams/a/2.yaml", "rules:\n" + Rule("a2", "hosts: [a.example], path: /2"));
  Write("teams/a/10.yaml", "rules:\n" + Rule("a10", "hosts: [a.example], path: /10"));
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_THAT(Rules(), ElementsAre("own", "a10", "a2", "b"));
  EXPECT_THAT(States(), ElementsAre(State::kCurrent, State::kCurrent, State::kCurrent));
  EXPECT_EQ(loaded_.included.front().name, "teams/a/10.yaml");
  EXPECT_EQ(loaded_.included.front().since, 1);
}

TEST_F(Include, TheVersionIsThatOfAllThatAnswers) {
  WriteTeams();
  const std::string version = Load().snapshot->version;
  EXPECT_EQ(Load().snapshot->version, version);
  Write("teams/b/b.yaml", kB + "# more\n");
  const std::string other = Load().snapshot->version;
  EXPECT_NE(other, version);
  Write("teams/b/b.yaml", kBad);
  EXPECT_EQ(Load().snapshot->version, other) << "what is refused does not count";
}

TEST_F(Include, AFaultyFileKeepsItsLastGoodVersion) {
  WriteTeams();
  Load();
  Write("teams/a/a.yaml", "rules:\n" + Rule("a2", "hosts: [a.example], path: /y"));
  Write("teams/b/b.yaml", kBad);
  EXPECT_THAT(Told(),
              ElementsAre("teams/b/b.yaml:1:9: rules[0].match: may match what this file does not "
                          "own; it owns .b.example; name the hosts",
                          "teams/b/b.yaml:1:9: rules[0]: does nothing; give it an intent, an "
                          "intent_name or pass: true",
                          HasSubstr("teams/b/b.yaml:1:14: rules[0].id: ")));
  EXPECT_THAT(Rules(), ElementsAre("a2", "b"));
  EXPECT_THAT(States(), ElementsAre(State::kCurrent, State::kLastGood));
  EXPECT_EQ(loaded_.included[0].since, 2);
  EXPECT_EQ(loaded_.included[1].since, 1);
  // It stays through more loads, of itself and of others.
  Write("teams/a/a.yaml", kA);
  EXPECT_EQ(Told().size(), 3U);
  EXPECT_THAT(Rules(), ElementsAre("a", "b"));
  Write("teams/b/b.yaml", kB);
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_THAT(States(), ElementsAre(State::kCurrent, State::kCurrent));
}

TEST_F(Include, AFaultyFileAtTheStartIsLeftOut) {
  WriteTeams();
  Write("teams/a/a.yaml", kBad);
  EXPECT_EQ(Told().size(), 3U);
  EXPECT_THAT(Rules(), ElementsAre("b"));
  EXPECT_THAT(States(), ElementsAre(State::kLeftOut, State::kCurrent));
  EXPECT_EQ(loaded_.included.front().since, 0);
  Write("teams/a/a.yaml", kA);
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_THAT(Rules(), ElementsAre("a", "b"));
}

// Rows know their map by its number, whichever files fail.
TEST_F(Include, AFaultyFileLeavesTheMapsOfOthers) {
  WriteTeams();
  Write("p.yaml", std::string(kTeams) + "maps: [{name: m, file: m.csv}]\n");
  Write("m.csv", "/m,/n\n");
  Write("teams/a/a.yaml", kA + "maps: [{name: a, file: a.csv, host: a.example}]\n");
  Write("teams/a/a.csv", "/a,/b\n");
  const std::string map = "maps: [{name: b, file: b.csv, host: www.b.example}]\n";
  Write("teams/b/b.yaml", kBad + map);
  Write("teams/b/b.csv", "/b,/c\n");
  EXPECT_EQ(Told().size(), 3U);
  EXPECT_THAT(States(), ElementsAre(State::kCurrent, State::kLeftOut));
  EXPECT_EQ(loaded_.snapshot->rules.maps().size(), 2U);
  Write("teams/b/b.yaml", kB + map);
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_EQ(loaded_.snapshot->rules.maps().size(), 3U);
  Write("teams/b/b.yaml", kBad + map);
  EXPECT_EQ(Told().size(), 3U);
  EXPECT_EQ(loaded_.snapshot->rules.maps().size(), 3U) << "of its last good version";
}

// Rows that others' rows keep out are warnings, and the settings of a document are its own.
TEST_F(Include, TheRowsOfALastGoodVersionStay) {
  Write("p.yaml", std::string(kTeams) + "maps: [{name: m, file: m.csv}]\n");
  Write("m.csv", "https://a.example/a,/b\n");
  Write("teams/a/a.yaml", kA + "maps: [{name: a, file: a.csv, host: a.example}]\n");
  Write("teams/a/a.csv", "/a,/b\n/c,/d\n");
  Write("teams/b/b.yaml", kB);
  EXPECT_THAT(Told(), ElementsAre(HasSubstr("warning: repeats another map's line 1")));
  Write("teams/a/a.csv", "what\n");
  Write("p.yaml", std::string("defaults: {compatibility: modern}\n") + kTeams +
                      "maps: [{name: m, file: m.csv}]\n");
  Load();
  ASSERT_NE(loaded_.snapshot, nullptr);
  EXPECT_THAT(States(), ElementsAre(State::kLastGood, State::kCurrent));
  EXPECT_EQ(loaded_.snapshot->rules.maps().size(), 2U);
  // What was kept out is there again when the file is read.
  Write("m.csv", "/x,/y\n");
  Load();
  ASSERT_NE(loaded_.snapshot, nullptr);
  Write("teams/a/a.csv", "/a,/b\n/c,/d\n");
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_EQ(loaded_.snapshot->rules.maps().size(), 3U);
}

TEST_F(Include, AFaultOfTheDocumentChangesNothing) {
  WriteTeams();
  Write("p.yaml", std::string(kTeams) + kBad);
  Write("teams/a/a.yaml", kBad);
  Load();
  EXPECT_EQ(loaded_.snapshot, nullptr);
  EXPECT_EQ(loaded_.problems.front().file, (directory_ / "p.yaml").string());
}

TEST_F(Include, ADocumentThatDoesNotFitAGoodFileIsRefused) {
  Write("p.yaml", std::string("defaults: {allowed_hosts: [new.example]}") + kTeams);
  Write("teams/a/a.yaml",
        "rules:\n  - {id: a, match: {hosts: [a.example], path: /x}, intent: {purpose: "
        "permanent_move, target: \"https://new.example/\"}}\n");
  Write("teams/b/b.yaml", kB);
  EXPECT_THAT(Told(), IsEmpty());
  Write("p.yaml", kTeams);
  EXPECT_THAT(Told(), ElementsAre(HasSubstr("teams/a/a.yaml:2:94: rules[0].intent.target: names a "
                                            "host that is not allowed")));
  EXPECT_EQ(loaded_.snapshot, nullptr) << "the old version of all answers on";
  // Also where a new fault of the file hides it.
  Write("teams/a/a.yaml", kBad);
  Load();
  EXPECT_EQ(loaded_.snapshot, nullptr);
  EXPECT_THAT(message::ToString(loaded_.problems.back()),
              HasSubstr("in its last good version, which answers: names a host"));
}

// Of what changed together only the culprit is refused.
TEST_F(Include, AConflictIsThatOfTheFileThatChanged) {
  WriteTeams();
  Write("teams/a/c.yaml", "rules:\n" + Rule("c", "hosts: [a.example], path: /c"));
  Load();
  EXPECT_THAT(Rules(), ElementsAre("a", "c", "b"));
  // The fault stands in b.yaml, which did not change, and the earlier file is the culprit.
  Write("teams/a/a.yaml", "rules:\n" + Rule("b", "hosts: [a.example], path: /x"));
  Write("teams/a/c.yaml", "rules:\n" + Rule("c2", "hosts: [a.example], path: /c"));
  EXPECT_THAT(Told(),
              ElementsAre("teams/a/a.yaml: does not go with the other files: teams/b/b.yaml:2:10: "
                          "rules[0].id: is also the id of rules[0] of teams/a/a.yaml; choose "
                          "another"));
  EXPECT_THAT(Rules(), ElementsAre("a", "c2", "b"));
  EXPECT_THAT(States(), ElementsAre(State::kLastGood, State::kCurrent, State::kCurrent));
}

TEST_F(Include, AtTheStartAConflictIsThatOfTheLaterFile) {
  WriteTeams();
  Write("teams/b/b.yaml", "rules:\n" + Rule("a", "hosts: [www.b.example], path: /x"));
  EXPECT_THAT(Told(), ElementsAre("teams/b/b.yaml:2:10: rules[0].id: is also the id of rules[0] of "
                                  "teams/a/a.yaml; choose another"));
  EXPECT_THAT(Rules(), ElementsAre("a"));
  // Also where the fault stands in the earlier file, or in the document.
  const auto to = [](const std::string& id, const std::string& host, const std::string& target) {
    return "rules:\n  - {id: " + id + ", match: {hosts: [" + host +
           "], path: /x}, intent: {purpose: temporary_move, target: \"https://" + target +
           "/x\", allowed_hosts: [" + target + "]}}\n";
  };
  Write("teams/a/a.yaml", to("a", "a.example", "www.b.example"));
  Write("teams/b/b.yaml", to("b", "www.b.example", "a.example"));
  kept_ = nullptr;
  EXPECT_THAT(Told(),
              ElementsAre("teams/b/b.yaml: does not go with the other files: "
                          "teams/a/a.yaml:2:94: rules[0].intent.target: leads back to the "
                          "rule by rules[0] of teams/b/b.yaml (b, line 2): clients would go "
                          "in circles; end it at one of them"));
  EXPECT_THAT(Rules(), ElementsAre("a"));
}

TEST_F(Include, AConflictWithTheDocumentIsThatOfTheFile) {
  Write("p.yaml", std::string(kTeams) + "rules:\n" + Rule("a", "path: /own"));
  Write("teams/a/a.yaml", kA);
  Write("teams/b/b.yaml", kB);
  EXPECT_THAT(Told(), ElementsAre("teams/a/a.yaml:2:10: rules[0].id: is also the id of rules[0] of "
                                  "p.yaml; choose another"));
  EXPECT_THAT(Rules(), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace fingerpost::policy::load

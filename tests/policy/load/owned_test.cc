// What an included file may say, and which files may be included.
#include <sys/stat.h>

#include "policy/load/including.h"

namespace fingerpost::policy::load {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Include, AFileSaysOnlyWhatIsItsOwn) {
  WriteTeams();
  Write("teams/a/a.yaml",
        "defaults: {require_https: true}\nhosts: [{hosts: [a.example]}]\n"
        "include: [{files: b.yaml}]\nrules:\n"
        "  - {id: x, match: {hosts: [a.example], path: /x}, intent_name: theirs}\n"
        "  - {id: y, match: {hosts: [a.example], path: /y}, intent_name: ours}\n");
  Write("teams/b/b.yaml", kB + "intents: {theirs: {intent: {purpose: gone}}}\n");
  Write("p.yaml", std::string(kTeams) + "intents: {ours: {intent: {purpose: gone}}}\n");
  EXPECT_THAT(
      Told(),
      ElementsAre(
          "teams/a/a.yaml:1:11: defaults: belongs to the policy's own document, for all files; put "
          "it there, or into the intent",
          HasSubstr("teams/a/a.yaml:2:8: hosts: belongs to the policy's own document"),
          "teams/a/a.yaml:3:10: include: belongs to the policy's own document: an included file "
          "includes no other",
          "teams/a/a.yaml:5:65: rules[0].intent_name: names an intent of another included file, "
          "which may fail alone; name one of this file or of the policy's own document"));
}

// For each: what the file owns, a match, and whether that is provably owned.
TEST_F(Include, ARuleMatchesOnlyWhatItsFileOwns) {
  struct Row {
    const char* owned;
    const char* match;
    bool is_owned;
  };
  constexpr char kHost[] = "hosts: [a.example]";
  constexpr char kDomain[] = "hosts: [.a.example]";
  constexpr char kPath[] = "paths: [/shop, /x.y]";
  const Row rows[] = {
      {kHost, "hosts: [a.example], path: /x", true},
      {kHost, "hosts: [A.EXAMPLE], path: /x", true},
      {kHost, "path: /x", false},
      {kHost, "hosts: [a.example, b.example], path: /x", false},
      {kHost, "hosts: [.a.example], path: /x", false},
      {kHost, "hosts: [www.a.example], path: /x", false},
      {kHost, "hosts: [a.example]", true},
      {kDomain, "hosts: [a.example, .a.example, www.a.example, .www.a.example]", true},
      {kDomain, "hosts: [not-a.example]", false},
      {kDomain, "hosts: [.example]", false},
      {kPath, "path: /shop", true},
      {kPath, "path: /shop/", true},
      {kPath, "path: /shop/tea", true},
      {kPath, "path: /%73hop/tea", true},
      {kPath, "path: /shopping", false},
      {kPath, "path: /Shop", false},
      {kPath, "path: /shop/../admin", false},
      {kPath, "path_prefix: /shop", true},
      {kPath, "path_prefix: /shop/tea", true},
      {kPath, "path_prefix: /", false},
      {kPath, "path_glob: \"/shop/*\"", true},
      {kPath, "path_glob: \"/shop*\"", false},
      {kPath, "path_glob: \"/*/shop/\"", false},
      {kPath, "path_glob: \"/**\"", false},
      {kPath, "path_regex: \"/shop/[0-9]+\"", true},
      {kPath, "path_regex: \"^/shop/(a|b)\"", true},
      {kPath, "path_regex: \"/shop\"", true},
      {kPath, R"(path_regex: "/x\\.y/.*")", true},
      {kPath, R"(path_regex: "/shop/[]|)]")", true},
      {kPath, R"(path_regex: "/shop/[^]|]")", true},
      {kPath, R"(path_regex: "/shop/\\|")", true},
      {kPath, "path_regex: \"/x.y/.*\"", false},
      {kPath, "path_regex: \"/shop/[[:alpha:](]|/other[[:alpha:])]*\"", false},
      {kPath, "path_regex: \"/shop/a|/admin\"", false},
      {kPath, "path_regex: \"/shop/?.*\"", false},
      {kPath, "path_regex: \"/shop/{0}.*\"", false},
      {kPath, "path_regex: \"/shop.*\"", false},
      {kPath, "path_regex: \"/shop?/.*\"", false},
      {kPath, "path_regex: \"(?i)/shop/.*\"", false},
      {kPath, "path_regex: \"(/shop/|/).*\"", false},
      {kPath, R"(path_regex: "/shop/\\Q(\\E|/.*|\\Q)\\E")", false},
      {kPath, "methods: [GET]", false},
      {"paths: [/]", "methods: [GET]", true},
      {"hosts: [a.example], paths: [/shop]", "hosts: [a.example], path: /shop", true},
      {"hosts: [a.example], paths: [/shop]", "hosts: [a.example], path: /", false},
      {"hosts: [a.example], paths: [/shop]", "hosts: [b.example], path: /shop", false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.owned) + ": " + row.match);
    Write("p.yaml", std::string("include: [{files: a.yaml, ") + row.owned + "}]\n");
    Write("a.yaml", "rules:\n" + Rule("a", row.match));
    const auto told = Told();
    EXPECT_EQ(States(), std::vector{row.is_owned ? State::kCurrent : State::kLeftOut})
        << ::testing::PrintToString(told);
    for (const std::string& line : told) EXPECT_THAT(line, HasSubstr("it owns "));
    kept_ = nullptr;
  }
}

TEST_F(Include, ARowIsForWhatItsFileOwns) {
  Write("p.yaml", "include: [{files: teams/a.yaml, hosts: [a.example], paths: [/shop]}]\n");
  const auto told = [&](const std::string& map, const std::string& row) {
    kept_ = nullptr;
    Write("teams/a.yaml", "maps: [{name: m, file: maps/m.csv" + map + "}]\n");
    Write("teams/maps/m.csv", row + ",/b\n");
    return Told();
  };
  EXPECT_THAT(told(", host: a.example", "/shop/x"), IsEmpty());
  EXPECT_THAT(told("", "https://a.example/shop/x"), IsEmpty());
  EXPECT_THAT(told(", host: a.example", "/x"),
              ElementsAre("teams/maps/m.csv:1:1: is not within what this file owns: a.example, "
                          "below /shop"));
  EXPECT_THAT(told("", "/shop/x"), ElementsAre(HasSubstr("; give the map a host")));
  EXPECT_THAT(told(", host: a.example", "https://b.example/shop/x"),
              ElementsAre(HasSubstr("is not within")));
  EXPECT_THAT(told(", host: b.example", "/shop/x"),
              ElementsAre(HasSubstr("maps[0].host: is not a host that this file owns"),
                          HasSubstr("is not within")));
}

TEST_F(Include, TwoFilesOwnNothingInCommon) {
  const auto told = [&](const std::string& a, const std::string& b) {
    Write("p.yaml", "include:\n  - {files: a.yaml, " + a + "}\n  - {files: b.yaml, " + b + "}\n");
    Write("a.yaml", "{}\n");
    Write("b.yaml", "{}\n");
    kept_ = nullptr;
    return Told();
  };
  const auto meets = ElementsAre(
      "p.yaml:3:5: include[1]: owns some of what include[0] owns, too; give each its own hosts or "
      "paths");
  EXPECT_THAT(told("hosts: [a.example]", "hosts: [b.example]"), IsEmpty());
  EXPECT_THAT(told("hosts: [a.example]", "hosts: [.a.example]"), meets);
  EXPECT_THAT(told("hosts: [a.example]", "paths: [/x]"), meets);
  EXPECT_THAT(told("hosts: [a.example], paths: [/x]", "hosts: [a.example], paths: [/y]"),
              IsEmpty());
  EXPECT_THAT(told("paths: [/x]", "paths: [/x/y]"), meets);
  EXPECT_THAT(told("paths: [/x]", "paths: [/X]"), meets) << "a rule may fold the case";
  EXPECT_THAT(told("paths: [/x]", "paths: [/xy]"), IsEmpty());
}

// Each is the fault of one file, and the other answers.
TEST_F(Include, WhatIsNoGoodFileIsLeftOutAtOnce) {
  WriteTeams();
  const std::string file = (directory_ / "teams/a/a.yaml").string();
  const auto left_out = [&](const std::string& why) {
    SCOPED_TRACE(why);
    kept_ = nullptr;
    const auto told = Told();
    EXPECT_THAT(told, ElementsAre(HasSubstr(why)));
    EXPECT_THAT(told.front(), ::testing::StartsWith("teams/a/a.yaml:"));
    EXPECT_THAT(Rules(), ElementsAre("b"));
    fs::remove_all(file);
  };
  Write("teams/a/a.yaml", "");
  left_out("is empty; write {} if it is to say nothing");
  Write("teams/a/a.yaml", std::string("r\0u\0", 4));
  left_out("control");
  Write("teams/a/a.yaml", "rules: [\xFF]\n");
  left_out("is not UTF-8");
  Write("teams/a/a.yaml", kA + std::string(1 << 20, '#'));
  left_out("is larger than 1 MiB");
  Write("teams/a/a.yaml", kA.substr(0, kA.size() - 5));
  left_out("expected a name before");
  ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
  left_out("is not a regular file");
  fs::create_directory(file);
  left_out("is a directory");
  fs::create_symlink("nowhere", file);
  left_out("is not there");
  fs::create_symlink("/dev/zero", file);
  left_out("leads out of the policy's directory");
  fs::create_symlink("a.yaml", file);
  left_out("cannot be read");
  fs::create_symlink("../../p.yaml", directory_ / "teams/a/b.yaml");
  Write("teams/a/a.yaml", "\xEF\xBB\xBF" + kA);
  EXPECT_THAT(Told(), IsEmpty())
      << "a byte order mark is one, and the document itself is not meant";
}

TEST_F(Include, APatternStaysInTheDirectory) {
  const auto told = [&](const std::string& files) {
    Write("p.yaml", "include: [{files: \"" + files + "\"}]\n");
    kept_ = nullptr;
    return Told();
  };
  const auto outside = ElementsAre(
      HasSubstr("p.yaml:1:19: include[0].files: is not a file below the document's directory"));
  for (const char* files : {"", "/etc/passwd", "../x.yaml", "teams/../../x.yaml", "teams/"}) {
    EXPECT_THAT(told(files), outside) << files;
  }
  EXPECT_THAT(told("p.yaml"), ElementsAre(HasSubstr("cannot include itself")));
  EXPECT_THAT(told("./p.yaml"), ElementsAre(HasSubstr("cannot include itself")));
  EXPECT_THAT(told("**/p.yaml"), ElementsAre(HasSubstr("has \"**\"")));
  EXPECT_THAT(told("*.yaml"), ElementsAre(HasSubstr("warning: include[0].files: finds no file")));
  EXPECT_NE(loaded_.snapshot, nullptr);
  Write("teams/.hidden.yaml", kBad);
  EXPECT_THAT(told("teams/*.yaml"), ElementsAre(HasSubstr("finds no file")));
}

TEST_F(Include, AFileThatIsGoneIsGoneOnlyWhereAPatternFoundIt) {
  Write("p.yaml",
        "include:\n  - {files: teams/*.yaml, hosts: [a.example]}\n"
        "  - {files: b.yaml, hosts: [.b.example]}\n");
  Write("teams/a.yaml", kA);
  Write("b.yaml", kB);
  Load();
  fs::remove(directory_ / "b.yaml");
  fs::remove(directory_ / "teams/a.yaml");
  EXPECT_THAT(Told(), ElementsAre(HasSubstr("finds no file"), HasSubstr("b.yaml: is not there")));
  EXPECT_THAT(Rules(), ElementsAre("b"));
  Write("teams/a.yaml", kA);
  Load();
  // A directory that is not there is not an empty one.
  fs::rename(directory_ / "teams", directory_ / "elsewhere");
  EXPECT_THAT(Told(), ElementsAre(HasSubstr("may not have found all: teams cannot be listed"),
                                  HasSubstr("teams/a.yaml: is not there"),
                                  HasSubstr("b.yaml: is not there")));
  EXPECT_THAT(Rules(), ElementsAre("a", "b"));
}

TEST_F(Include, OfTooManyFilesThereIsAnEnd) {
  Write("p.yaml", "include: [{files: \"teams/*\", hosts: [a.example]}]\n");
  for (int i = 100; i < 200; ++i) {
    Write("teams/" + std::to_string(i),
          "rules:\n" +
              Rule("r" + std::to_string(i), "hosts: [a.example], path: /" + std::to_string(i)));
  }
  EXPECT_THAT(Told(), ElementsAre("teams/164: is file 65 of include[0], which may have 64; those "
                                  "from here on are not read: join some"));
  EXPECT_EQ(Rules().size(), 64U);
}

TEST_F(Include, AllFilesTogetherAreAsLargeAsOneMayBe) {
  Write("p.yaml", "include: [{files: \"teams/*\", hosts: [a.example]}]\n");
  for (int i = 0; i < 9; ++i) {
    Write("teams/" + std::to_string(i), "{} " + std::string((1 << 20) - 100, '#') + "\n");
  }
  EXPECT_THAT(Told(),
              ElementsAre(HasSubstr("teams/8:1:1: has, with the files before it, more than 8")));
}

}  // namespace
}  // namespace fingerpost::policy::load

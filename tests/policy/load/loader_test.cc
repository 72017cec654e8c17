#include "policy/load/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/message/faults.h"
#include "policy/compiled/map_file.h"
#include "policy/document/file.h"
#include "policy/document/yaml.h"
#include "policy/load/default_policy.h"

namespace fingerpost::policy::load {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class Loader : public ::testing::Test {
 protected:
  Loader() {
    std::string name = (fs::temp_directory_path() / "fingerpost-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~Loader() override { fs::remove_all(directory_); }

  std::string Write(const std::string& name, std::string_view text) const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
    return (directory_ / name).string();
  }

  // The only problem, without the name of the file.
  static std::string Problem(const std::string& path) {
    const Loaded loaded = FromFile(path);
    EXPECT_EQ(loaded.snapshot, nullptr);
    if (loaded.problems.size() != 1) return std::to_string(loaded.problems.size()) + " problems";
    const std::string text = message::ToString(loaded.problems.front());
    return text.starts_with(path + ":") ? text.substr(path.size() + 1) : text;
  }

  fs::path directory_;
};

TEST_F(Loader, TakesADocumentThatSaysNothing) {
  const Loaded loaded = FromFile(Write("p.yaml", "{} # nothing yet\n"));
  EXPECT_TRUE(loaded.problems.empty());
  ASSERT_NE(loaded.snapshot, nullptr);
  EXPECT_EQ(loaded.snapshot->version.size(), 16U);
}

// A full disk, or a writer that starts again: the old policy stays.
TEST_F(Loader, RefusesAFileThatWasTruncated) {
  const Loaded loaded = FromFile(Write("p.yaml", ""));
  EXPECT_EQ(loaded.snapshot, nullptr);
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems.front().what, "is empty; write {} if it is to say nothing");
}

TEST_F(Loader, TakesJson) {
  const Loaded loaded = FromFile(Write(
      "p.json",
      R"({"rules": [{"id": "a", "match": {"pathPrefix": "/a"}, "intent": {"purpose": "PURPOSE_GONE"}}]})"));
  ASSERT_NE(loaded.snapshot, nullptr) << message::ToString(loaded.problems.front());
  EXPECT_EQ(loaded.snapshot->rules.rules().front().path, "/a");
}

TEST_F(Loader, TheVersionIsTheContents) {
  const std::string text = "maps: [{name: m, file: m.csv}]\n";
  Write("m.csv", "/a,/b\n");
  const std::string path = Write("p.yaml", text);
  const std::string version = FromFile(path).snapshot->version;
  EXPECT_EQ(FromFile(path).snapshot->version, version);
  Write("copy.yaml", text);
  EXPECT_EQ(FromFile((directory_ / "copy.yaml").string()).snapshot->version, version);
  Write("m.csv", "/a,/c\n");
  EXPECT_NE(FromFile(path).snapshot->version, version);
  EXPECT_NE(DefaultPolicy()->version, version);
}

TEST_F(Loader, WhatIsNoFileIsRefusedAtOnce) {
  EXPECT_EQ(Problem((directory_ / "absent").string()),
            " is not there; give the path of a file that is");
  EXPECT_EQ(Problem(directory_.string()), " is a directory; give the path of a file in it");
  fs::create_symlink("nowhere", directory_ / "dangling");
  EXPECT_EQ(Problem((directory_ / "dangling").string()),
            " is not there; give the path of a file that is");
  fs::create_symlink("circle", directory_ / "circle");
  EXPECT_THAT(Problem((directory_ / "circle").string()), HasSubstr("cannot be read"));
  const std::string pipe = (directory_ / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(Problem(pipe), " is not a regular file");
  EXPECT_EQ(Problem("/dev/zero"), " is not a regular file");
}

TEST_F(Loader, ADocumentOfAnySizeCostsABoundedAmount) {
  // A line of 100 MB, sparse on the disk.
  const std::string path = Write("p.yaml", "");
  fs::resize_file(path, 100'000'000);
  EXPECT_EQ(Problem(path), " is larger than 8 MiB");
}

TEST_F(Loader, AMapLineOfAnySizeCostsABoundedAmount) {
  const std::string path = Write("p.yaml", "maps: [{name: m, file: m.csv}]\n");
  Write("m.csv", "/a,/b\n");
  fs::resize_file(directory_ / "m.csv", 100'000'000);
  EXPECT_THAT(Problem(path),
              EndsWith("m.csv:2:1: the line is longer than 65536 octets; is this a map?"));
}

TEST_F(Loader, RegularExpressionsOfAnyNumberCostABoundedAmount) {
  std::string text = "rules:\n";
  for (int i = 0; i < 600; ++i) {
    text += "  - {id: r" + std::to_string(i) + ", match: {path_regex: \"/" + std::to_string(i) +
            ".{900}\"}, intent: {purpose: gone}}\n";
  }
  const Loaded loaded = FromFile(Write("p.yaml", text));
  EXPECT_EQ(loaded.snapshot, nullptr);
  ASSERT_FALSE(loaded.problems.empty());
  EXPECT_THAT(message::ToString(loaded.problems.front()),
              EndsWith("].match.path_regex: comes after regular expressions that take 64 MiB "
                       "together; use paths, prefixes or a map"));
}

TEST_F(Loader, NoNumberOfWarningsHidesAnError) {
  // Each rule has the warning; the last has an error, too.
  std::string text = "rules:\n";
  for (size_t i = 0; i <= message::Faults::kMostOfDocument; ++i) {
    text += "  - {id: r" + std::to_string(i) + ", match: {path: /" + std::to_string(i) +
            "}, intent: {purpose: temporary_move, target: \"http://a.example/\", "
            "allowed_hosts: [a.example]}}\n";
  }
  const std::string path = Write("p.yaml", text);
  EXPECT_EQ(FromFile(path).problems.size(), message::Faults::kMostOfDocument);
  EXPECT_NE(FromFile(path).snapshot, nullptr);
  text += "  - {id: circle, match: {path: /x}, intent: {purpose: temporary_move, target: /x}}\n";
  const Loaded loaded = FromFile(Write("p.yaml", text));
  EXPECT_EQ(loaded.snapshot, nullptr);
  EXPECT_THAT(message::ToString(loaded.problems.back()), HasSubstr("is matched by the rule again"));
}

TEST_F(Loader, ARuleEndsACircleOfRows) {
  Write("m.csv", "/a,/b\n/b,/a\n");
  const std::string map = "maps: [{name: m, file: m.csv, host: old.example}]\n";
  EXPECT_THAT(Problem(Write("p.yaml", map)), HasSubstr("leads back to itself"));
  const std::string rule =
      "rules: [{id: b, match: {path: /b, hosts: [old.example]}, intent: {purpose: gone}}]\n";
  EXPECT_NE(FromFile(Write("p.yaml", rule + map)).snapshot, nullptr);
}

TEST_F(Loader, NoNumberOfWarningsMakesAMapWrong) {
  const std::string path = Write("p.yaml", "maps: [{name: m, file: m.csv}]\n");
  std::string rows;
  for (size_t i = 0; i < 2 * compiled::kMaxMapProblems; ++i) rows += "/a,/b\n";
  Write("m.csv", rows + "/last,/b\n");
  const Loaded loaded = FromFile(path);
  ASSERT_NE(loaded.snapshot, nullptr);
  EXPECT_EQ(loaded.snapshot->rules.maps().size(), 2U) << "what comes after them is read";
  EXPECT_EQ(loaded.problems.size(), compiled::kMaxMapProblems);
  EXPECT_THAT(message::ToString(loaded.problems.back()),
              EndsWith("m.csv:101:1: warning: has more warnings than are listed"));
  Write("m.csv", rows + "/c,/c\n");
  EXPECT_EQ(FromFile(path).snapshot, nullptr) << "the error among them counts";
}

TEST_F(Loader, AFileThatChangesWhileItIsReadIsRefused) {
  const std::string path = Write("big", std::string(3 << 20, 'x'));
  int pieces = 0;
  const auto read = document::ReadFile(path, uint64_t{8} << 20, [&](std::string_view) {
    if (++pieces == 1) std::ofstream(path, std::ios::app) << "y";
    return true;
  });
  EXPECT_EQ(read.error(), "changed while it was read; write a new file and rename it into place");
}

TEST_F(Loader, AFileThatIsReplacedWhileItIsReadIsWhole) {
  const std::string path = Write("big", std::string(3 << 20, 'x'));
  std::string content;
  int pieces = 0;
  const auto read = document::ReadFile(path, uint64_t{8} << 20, [&](std::string_view piece) {
    if (++pieces == 1) fs::rename(Write("other", "y"), path);
    content += piece;
    return true;
  });
  EXPECT_TRUE(read) << read.error();
  EXPECT_EQ(content, std::string(3 << 20, 'x'));
}

TEST_F(Loader, MapsAndTextDoNotMix) {
  const Loaded loaded = FromText("maps: [{name: m, file: m.csv}]\n", "p.yaml");
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(message::ToString(loaded.problems.front()),
            "p.yaml:1:7: maps: need a document that is a file");
}

TEST_F(Loader, OfTooManyProblemsThereIsAnEnd) {
  std::string rules = "rules:\n";
  for (int i = 0; i < 9'000; ++i) rules += "  - {id: 'a b'}\n";
  const Loaded loaded = FromText(rules, "p.yaml");
  EXPECT_EQ(loaded.snapshot, nullptr);
  EXPECT_EQ(loaded.problems.size(), message::Faults::kMostOfDocument);
  std::string map;
  for (int i = 0; i < 9'000; ++i) map += "a\n";
  Write("m.csv", map);
  const Loaded with_map = FromFile(Write("p.yaml", "maps: [{name: m, file: m.csv}]\n"));
  EXPECT_EQ(with_map.problems.size(), compiled::kMaxMapProblems);
  EXPECT_THAT(message::ToString(with_map.problems.back()),
              HasSubstr("more problems than are listed"));
}

TEST_F(Loader, MapRowsMayBeQuotedAndEndAsTheyLike) {
  Write("m.csv", "\xEF\xBB\xBF/a,/b\r\n\"/c,d\",\"/e\"\"f\",301\n\n# /x,/y\n/last,/one\n");
  const Loaded loaded = FromFile(Write("p.yaml", "maps: [{name: m, file: m.csv}]\n"));
  ASSERT_NE(loaded.snapshot, nullptr) << message::ToString(loaded.problems.front());
  const compiled::MapRows& maps = loaded.snapshot->rules.maps();
  EXPECT_EQ(maps.size(), 3U);
  EXPECT_EQ(maps.Find(compiled::kAnyHost, "/a")->target, "/b");
  EXPECT_EQ(maps.Find(compiled::kAnyHost, "/c,d")->target, "/e\"f");
  EXPECT_EQ(maps.Find(compiled::kAnyHost, "/last")->line, 5U);
}

// Half of a target is still a target, so only the line's end shows that it is complete.
TEST_F(Loader, NoticesAMapThatWasCut) {
  const std::string path = Write("p.yaml", "maps: [{name: m, file: m.csv}]\n");
  const std::string map = "/a,/b\n# note\n\"/c\",/deep/target,301\r\n";
  for (size_t size = 1; size < map.size(); ++size) {
    Write("m.csv", map.substr(0, size));
    const Loaded loaded = FromFile(path);
    EXPECT_EQ(loaded.snapshot != nullptr, map[size - 1] == '\n') << map.substr(0, size);
  }
  Write("m.csv", "/a,/b\n/c,/deep/tar");
  EXPECT_THAT(message::ToString(FromFile(path).problems.front()),
              HasSubstr("m.csv:2:1: ends without a line end"));
  Write("m.csv", map);
  EXPECT_NE(FromFile(path).snapshot, nullptr);
}

}  // namespace
}  // namespace fingerpost::policy::load

// A policy of several files in a temporary directory, and what is told of it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/load/loader.h"

namespace fingerpost::policy::load {

namespace fs = std::filesystem;
using State = Included::State;

inline constexpr char kTeams[] = R"(
include:
  - {files: teams/a/*.yaml, hosts: [a.example]}
  - {files: teams/b/*.yaml, hosts: [.b.example]}
)";

inline std::string Rule(const std::string& id, const std::string& match) {
  return "  - {id: " + id + ", match: {" + match + "}, intent: {purpose: gone}}\n";
}
inline const std::string kA = "rules:\n" + Rule("a", "hosts: [a.example], path: /x");
inline const std::string kB = "rules:\n" + Rule("b", "hosts: [www.b.example], path: /x");
inline constexpr char kBad[] = "rules: [{id: a b}]\n";

class Include : public ::testing::Test {
 protected:
  Include() {
    std::string name = (fs::temp_directory_path() / "fingerpost-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~Include() override { fs::remove_all(directory_); }

  // As editors do, and into directories that are made.
  void Write(const std::string& name, std::string_view text) const {
    fs::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / (name + "~"), std::ios::binary) << text;
    fs::rename(directory_ / (name + "~"), directory_ / name);
  }
  void WriteTeams() const {
    Write("p.yaml", kTeams);
    Write("teams/a/a.yaml", kA);
    Write("teams/b/b.yaml", kB);
  }

  // Loads, and keeps what the next load takes.
  Loaded& Load() {
    google::protobuf::Timestamp now;
    now.set_seconds(++seconds_);
    loaded_ = FromFile((directory_ / "p.yaml").string(), now, kept_);
    if (loaded_.snapshot != nullptr) kept_ = loaded_.kept;
    return loaded_;
  }
  // What is told, without the directory.
  std::vector<std::string> Told() {
    std::vector<std::string> told;
    for (const message::Fault& problem : Load().problems) {
      std::string line = message::ToString(problem);
      const std::string directory = directory_.string() + "/";
      for (size_t at = line.find(directory); at != line.npos; at = line.find(directory)) {
        line.erase(at, directory.size());
      }
      told.push_back(std::move(line));
    }
    return told;
  }
  [[nodiscard]] std::vector<std::string> Rules() const {
    std::vector<std::string> ids;
    if (loaded_.snapshot == nullptr) return ids;
    for (const compiled::Rule& rule : loaded_.snapshot->rules.rules()) ids.push_back(rule.id);
    return ids;
  }
  [[nodiscard]] std::vector<State> States() const {
    std::vector<State> states;
    for (const Included& included : loaded_.included) states.push_back(included.state);
    return states;
  }

  fs::path directory_;
  Loaded loaded_;
  std::shared_ptr<const Kept> kept_;
  int64_t seconds_ = 0;
};

}  // namespace fingerpost::policy::load

// A policy with maps beside it, what is told of it, and what it answers.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "policy/load/loader.h"

namespace fingerpost::policy::resolve {

class WithMaps : public ::testing::Test {
 protected:
  WithMaps() {
    std::string name = (std::filesystem::temp_directory_path() / "fingerpost-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~WithMaps() override { std::filesystem::remove_all(directory_); }
  void Write(const std::string& name, std::string_view text) const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }
  // What is told of the policy, without the names of files.
  std::string Told(std::string_view text) {
    Write("p.yaml", text);
    const load::Loaded loaded = load::FromFile((directory_ / "p.yaml").string());
    policy_ = loaded.snapshot;
    std::string told;
    for (const message::Fault& problem : loaded.problems) {
      const std::string line = message::ToString(problem);
      told += line.substr(line.find(':') + 1) + '\n';
    }
    return told;
  }

  std::filesystem::path directory_;
  compiled::SnapshotPtr policy_;
};

}  // namespace fingerpost::policy::resolve

// A directory of its own for each test of `fingerpost policy`, which runs there.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "cli/program.h"

namespace fingerpost {

class PolicyDirectory : public ::testing::Test {
 protected:
  PolicyDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "fingerpost-policy-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~PolicyDirectory() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name, std::ios::binary) << content;
  }
  [[nodiscard]] std::string Read(const std::string& name) const {
    std::ifstream in(directory_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] Outcome Policy(const std::string& arguments) const {
    return RunShell("cd " + directory_.string() + " && fingerpost policy " + arguments);
  }

  std::filesystem::path directory_;
};

}  // namespace fingerpost

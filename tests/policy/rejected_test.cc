// Each file of rejected/ is a faulty document. Its first lines have the expected problems: "#!
// 12:5: rules[0].id: …", all of them, in order, without the file's name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "directories.h"
#include "policy/load/loader.h"

namespace fingerpost {
namespace {

namespace fs = std::filesystem;

const fs::path kDirectory = fs::path(FINGERPOST_TESTS_DIR) / "policy" / "rejected";

std::vector<fs::path> Documents() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kDirectory)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string Expected(const fs::path& file) {
  std::ifstream in(file);
  std::string expected;
  for (std::string line; std::getline(in, line) && line.starts_with("#! ");) {
    expected += line.substr(3) + '\n';
  }
  return expected;
}

class Rejected : public ::testing::TestWithParam<fs::path> {};

TEST_P(Rejected, WithExactlyTheseProblems) {
  google::protobuf::Timestamp now;
  now.set_seconds(1767225600);  // 2026-01-01
  const policy::load::Loaded loaded = policy::load::FromFile(GetParam().string(), now);
  std::string got;
  for (message::Fault problem : loaded.problems) {
    problem.file = fs::relative(problem.file, kDirectory).string();
    std::string line = message::ToString(problem);
    const std::string own = GetParam().filename().string() + ":";
    if (line.starts_with(own)) line.erase(0, own.size());
    if (line.starts_with(' ')) line.erase(0, 1);
    got += line + '\n';
  }
  EXPECT_EQ(loaded.snapshot, nullptr);
  EXPECT_EQ(got, Expected(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Documents, Rejected, ::testing::ValuesIn(Documents()),
                         [](const auto& file) {
                           std::string name = file.param.stem().string();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Rejected, ThereAreDocuments) { EXPECT_GT(Documents().size(), 20U); }

}  // namespace
}  // namespace fingerpost

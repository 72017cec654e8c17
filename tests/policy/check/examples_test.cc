// Every example of service/policy/examples is served unchanged, and passes its own tests.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "directories.h"
#include "policy/check/table.h"
#include "policy/load/loader.h"

namespace fingerpost::policy::check {
namespace {

namespace fs = std::filesystem;

const fs::path kDirectory =
    fs::path(FINGERPOST_TESTS_DIR).parent_path() / "service" / "policy" / "examples";

std::string Content(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class Examples : public ::testing::TestWithParam<const char*> {};

TEST_P(Examples, HasNoProblemAndPassesItsTable) {
  const std::string name = GetParam();
  google::protobuf::Timestamp now;
  now.set_seconds(1767225600);  // 2026-01-01
  const load::Loaded loaded = load::FromFile((kDirectory / (name + ".yaml")).string(), now);
  for (const message::Fault& problem : loaded.problems) ADD_FAILURE() << message::ToString(problem);
  ASSERT_NE(loaded.snapshot, nullptr);
  message::FaultList problems;
  const std::string table = name + ".tests.yaml";
  const auto results = RunTests(*loaded.snapshot, Content(kDirectory / table), table, problems);
  for (const message::Fault& problem : problems) ADD_FAILURE() << message::ToString(problem);
  EXPECT_GT(results.size(), 4U);
  for (const TestResult& result : results) {
    for (const std::string& failure : result.failures) {
      ADD_FAILURE() << table << ":" << result.position.line << ": " << result.name << ": "
                    << failure;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Examples, ::testing::Values("shop", "gateway", "migration", "sso"),
                         [](const auto& name) { return std::string(name.param); });

}  // namespace
}  // namespace fingerpost::policy::check

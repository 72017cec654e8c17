// `fingerpost policy export`, as a person runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/program.h"

namespace fingerpost {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kPolicy =
    "defaults: {allowed_hosts: [b.example]}\n"
    "rules:\n"
    "  - id: blog\n"
    "    match: {path_prefix: /blog}\n"
    "    intent: {purpose: permanent_move, target: \"https://b.example/{rest}\"}\n"
    "  - id: gone\n"
    "    match: {path: /gone}\n"
    "    intent: {purpose: gone}\n"
    "maps: [{name: pages, file: pages.csv}]\n";

// A directory of its own for each test.
class PolicyFile : public ::testing::Test {
 protected:
  PolicyFile() {
    std::string name = fs::temp_directory_path() / "fingerpost-export-XXXXXX";
    directory_ = mkdtemp(name.data());
    Write("old.yaml", kPolicy);
    Write("pages.csv", "/one,/uno\n");
  }
  ~PolicyFile() override { fs::remove_all(directory_); }

  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(directory_ / name) << content;
  }
  [[nodiscard]] std::string Read(const std::string& name) const {
    std::ifstream in(directory_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] Outcome Policy(const std::string& arguments) const {
    return RunShell("cd " + directory_.string() + " && fingerpost policy " + arguments);
  }

  fs::path directory_;
};

using PolicyExport = PolicyFile;

TEST_F(PolicyExport, WritesWhatTheFormatSaysAndReportsTheRest) {
  const Outcome outcome = Policy("export gateway old.yaml --output routes.yaml");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("old.yaml:6: skipped: answers with 410"));
  EXPECT_THAT(outcome.err, HasSubstr("pages.csv:1: changed: passes the request's query on"));
  EXPECT_THAT(outcome.err, HasSubstr("old.yaml: 2 exported, 1 left out, 1 changed\n"));
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(Read("routes.yaml"), HasSubstr("replacePrefixMatch: /"));
}

TEST_F(PolicyExport, WithoutOutputIsStandardOutput) {
  const Outcome outcome = Policy("export nginx old.yaml");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("return 308 \"/uno\""));
}

TEST_F(PolicyExport, HostIsForWhatNamesNone) {
  const Outcome outcome = Policy("export cloudflare-csv old.yaml --host a.example");
  EXPECT_THAT(outcome.out,
              HasSubstr("a.example/blog,https://b.example/,308,TRUE,FALSE,TRUE,TRUE\n"));
}

TEST_F(PolicyExport, SaysWhatIsWrong) {
  EXPECT_THAT(Policy("export netlyfi old.yaml").err, HasSubstr("did you mean netlify?"));
  EXPECT_EQ(Policy("export netlify none.yaml").status, 1);
  Write("bad.yaml", "rulez: []\n");
  const Outcome outcome = Policy("export netlify bad.yaml");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("bad.yaml:1:1: rulez: unknown field"));
  EXPECT_EQ(Policy("export netlify old.yaml --output no/such/file").status, 4);
}

}  // namespace
}  // namespace fingerpost

// The documented commands and their output, word by word: tests/cli/transcripts/*.txt.
//
// A transcript shows a terminal: lines with "$ " are commands, the lines after one are its output,
// and "[2]" is a status other than 0. FINGERPOST_UPDATE=1 writes the current output.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "cli/program.h"
#include "directories.h"

namespace fingerpost {
namespace {

std::vector<std::string> Transcripts() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(FINGERPOST_TESTS_DIR "/cli/transcripts")) {
    names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The current output of the commands in `transcript`, as a transcript.
std::string Replayed(const std::string& transcript) {
  std::istringstream lines(transcript);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) {
      out += (out.empty() ? "" : "\n") + line + "\n";
    } else if (line.starts_with("$ ")) {
      const Outcome outcome = RunShell("exec 2>&1; " + line.substr(2));
      out += line + "\n" + outcome.out;
      if (outcome.status != 0) out += "[" + std::to_string(outcome.status) + "]\n";
    }
  }
  return out;
}

class Transcript : public testing::TestWithParam<std::string> {};

TEST_P(Transcript, IsWhatIsPrinted) {
  const std::string path = FINGERPOST_TESTS_DIR "/cli/transcripts/" + GetParam() + ".txt";
  std::ifstream file(path);
  const std::string expected(std::istreambuf_iterator<char>(file), {});
  ASSERT_NE(expected.find("$ "), std::string::npos);
  const std::string replayed = Replayed(expected);
  if (std::getenv("FINGERPOST_UPDATE") != nullptr) std::ofstream(path) << replayed;
  EXPECT_EQ(replayed, expected)
      << "If this is how it should be: FINGERPOST_UPDATE=1 writes it down.";
}

INSTANTIATE_TEST_SUITE_P(Documented, Transcript, testing::ValuesIn(Transcripts()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace fingerpost

// What holds of the corpus itself: every claim, advisory and cell that it is about is in it.

#include "golden/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

namespace fingerpost::golden {
namespace {

using testing::IsEmpty;
using testing::Not;

// Ids "advisory-1" to "advisory-104", and the file that lists those that no row can test.
struct Subject {
  std::string prefix;
  int count;
  std::string outside;
};

const std::vector<Subject>& Subjects() {
  static const std::vector<Subject> subjects = {
      {"advisory-", 104, "advisories-outside.md"},
  };
  return subjects;
}

// The ids of the lines "- id: why"; every line must say why.
std::set<std::string> ReadOutside(const std::string& file) {
  std::set<std::string> ids;
  std::ifstream stream(CorpusDirectory() / file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with("- ")) continue;
    const size_t colon = line.find(": ");
    EXPECT_NE(colon, std::string::npos) << file << ": " << line;
    EXPECT_GT(line.size(), colon + 10) << file << ": no reason: " << line;
    EXPECT_TRUE(ids.insert(line.substr(2, colon - 2)).second) << file << ": twice: " << line;
  }
  return ids;
}

TEST(Corpus, EveryRowIsNamedOnce) { EXPECT_THAT(LoadAll(), Not(IsEmpty())); }

TEST(Corpus, EverySubjectIsInARowOrIsSaidToBeOutside) {
  std::set<std::string> in_rows;
  for (const Row& row : LoadAll()) in_rows.insert(row.covers.begin(), row.covers.end());
  for (const Subject& subject : Subjects()) {
    const std::set<std::string> outside = ReadOutside(subject.outside);
    for (int i = 1; i <= subject.count; ++i) {
      const std::string id = subject.prefix + std::to_string(i);
      EXPECT_NE(in_rows.contains(id), outside.contains(id))
          << id << (in_rows.contains(id) ? " is in a row and outside" : " is nowhere");
    }
  }
}

}  // namespace
}  // namespace fingerpost::golden

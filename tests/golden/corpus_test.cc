// The corpus itself: it has every claim, advisory and cell of the table.

#include "golden/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::golden {
namespace {

using testing::IsEmpty;
using testing::Not;

// A cell of the decision table: purpose and state × method × protocol × kind of client.
using Cell = std::array<std::string, 4>;

std::vector<std::string> ValuesOf(const google::protobuf::EnumDescriptor& type, int from) {
  std::vector<std::string> names;
  for (int i = from; i < type.value_count(); ++i) names.push_back(type.value(i)->name());
  return names;
}

std::vector<std::string> PurposesAndStates() {
  std::vector<std::string> all = ValuesOf(*v1::Purpose_descriptor(), 1);
  const std::string with_states = v1::Purpose_Name(v1::PURPOSE_OPERATION_RESULT);
  std::erase(all, with_states);
  for (const std::string& state : ValuesOf(*v1::OperationState_descriptor(), 1)) {
    all.push_back(absl::StrCat(with_states, " ", state));
  }
  return all;
}

Cell CellOf(const v1::DecideRequest& request) {
  const v1::Intent& intent = request.intent();
  std::string purpose = v1::Purpose_Name(intent.purpose());
  if (intent.operation_state() != v1::OPERATION_STATE_UNSPECIFIED) {
    purpose += " " + v1::OperationState_Name(intent.operation_state());
  }
  return {purpose, request.request().method(), v1::Protocol_Name(request.request().protocol()),
          v1::ClientKind_Name(intent.client())};
}

// Ids "advisory-1" to "advisory-104", and the file that lists those that no row can test.
struct Subject {
  std::string prefix;
  int count;
  std::string outside;
};

const std::vector<Subject>& Subjects() {
  static const std::vector<Subject> subjects = {
      {"A", 41, "claims-outside.md"},
      {"B", 25, "claims-outside.md"},
      {"C", 33, "claims-outside.md"},
      {"V", 24, "claims-outside.md"},
      {"advisory-", 104, "advisories-outside.md"},
      {"payload-", 66, "advisories-outside.md"},
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
  std::set<std::string> known;
  for (const Subject& subject : Subjects()) {
    const std::set<std::string> outside = ReadOutside(subject.outside);
    for (int i = 1; i <= subject.count; ++i) {
      const std::string id = subject.prefix + std::to_string(i);
      known.insert(id);
      EXPECT_NE(in_rows.contains(id), outside.contains(id))
          << id << (in_rows.contains(id) ? " is in a row and outside" : " is nowhere");
    }
  }
  for (const std::string& id : in_rows) EXPECT_TRUE(known.contains(id)) << "no such id: " << id;
}

TEST(Corpus, EveryCellOfTheTableIsARow) {
  std::map<Cell, int> cells;
  for (const Row& row : LoadFile(CorpusDirectory() / "decide/table.json")) {
    v1::DecideRequest request;
    ASSERT_EQ(FromJson(row.request, request), "") << row.name;
    ++cells[CellOf(request)];
  }
  size_t expected = 0;
  for (const std::string& purpose : PurposesAndStates()) {
    for (const char* method :
         {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY", "OPTIONS", "PURGE"}) {
      for (const std::string& protocol : ValuesOf(*v1::Protocol_descriptor(), 1)) {
        for (const std::string& client : ValuesOf(*v1::ClientKind_descriptor(), 0)) {
          ++expected;
          EXPECT_EQ(cells[(Cell{purpose, method, protocol, client})], 1)
              << purpose << ' ' << method << ' ' << protocol << ' ' << client;
        }
      }
    }
  }
  EXPECT_EQ(cells.size(), expected) << "a cell that is none";
}

}  // namespace
}  // namespace fingerpost::golden

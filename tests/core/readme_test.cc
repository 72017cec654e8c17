// The README's tables match the code.
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/decide/asking.h"
#include "core/decide/intent_faults.h"
#include "core/decide/status_facts.h"
#include "core/http/fields.h"
#include "directories.h"

namespace fingerpost {
namespace {

std::string Readme() {
  std::ifstream file(FINGERPOST_TESTS_DIR "/../README.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The table below the line `head`, line by line, without its rule.
std::vector<std::string> Table(std::string_view head) {
  std::istringstream text(Readme());
  std::vector<std::string> rows;
  std::string line;
  while (std::getline(text, line) && line != head) {
  }
  std::getline(text, line);  // |---|
  while (std::getline(text, line) && line.starts_with('|')) rows.push_back(line);
  return rows;
}

// The cells of "| a | b |": "a" and "b".
std::vector<std::string> Cells(std::string_view row) {
  std::vector<std::string> cells;
  row.remove_prefix(1);
  while (!row.empty()) {
    const size_t end = row.find('|');
    cells.emplace_back(http::TrimWhitespace(row.substr(0, end)));
    row.remove_prefix(end + 1);
  }
  return cells;
}

std::string YesOrNo(bool yes) { return yes ? "yes" : "no"; }

std::string RowOf(const decide::StatusFacts& facts) {
  std::ostringstream row;
  row << "| " << facts.line << " | " << YesOrNo(facts.keeps_method) << " | "
      << YesOrNo(facts.permanent) << " | " << YesOrNo(facts.heuristically_cacheable) << " | "
      << YesOrNo(facts.processed) << " | " << YesOrNo(facts.may_be_repeated) << " | "
      << facts.crawlers << " | ";
  for (size_t i = 0; i < facts.citations.size() && !facts.citations[i].empty(); ++i) {
    row << (i == 0 ? "" : ", ") << facts.citations[i];
  }
  row << " |";
  return row.str();
}

constexpr std::string_view kFactsHead =
    "| code | method kept | permanent | stored unasked | processed | may be repeated | search "
    "engines | |";

TEST(Readme, FactsOfTheCodesAreThoseOfTheSource) {
  std::string expected;
  for (const decide::StatusFacts& facts : decide::AllStatusFacts()) expected += RowOf(facts) + '\n';
  std::string found;
  for (const std::string& row : Table(kFactsHead)) found += row + '\n';
  EXPECT_EQ(found, expected) << "README.md wants below the head of its table:\n" << expected;
}

// "`login_required` `API`": the purpose, and the distinguishing modifier.
v1::Intent IntentOf(std::string_view cell) {
  v1::Intent intent;
  v1::ClientKind client{};
  v1::Permanence permanence{};
  v1::OperationState state{};
  v1::Purpose purpose{};
  for (size_t at = cell.find('`'); at != cell.npos;
       at = cell.find('`', cell.find('`', at + 1) + 1)) {
    const std::string word(cell.substr(at + 1, cell.find('`', at + 1) - at - 1));
    std::string upper = word;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (v1::Purpose_Parse("PURPOSE_" + upper, &purpose)) {
      intent.set_purpose(purpose);
    } else if (v1::ClientKind_Parse("CLIENT_KIND_" + word, &client)) {
      intent.set_client(client);
    } else if (v1::Permanence_Parse("PERMANENCE_" + word, &permanence)) {
      intent.set_permanence(permanence);
    } else if (v1::OperationState_Parse("OPERATION_STATE_" + word, &state)) {
      intent.set_operation_state(state);
    } else {
      ADD_FAILURE() << "unknown: " << word;
    }
  }
  if (intent.purpose() == v1::PURPOSE_CHOICES) {
    for (const char* target : {"/a", "/b"}) intent.add_alternatives()->set_target(target);
  } else if (intent.purpose() != v1::PURPOSE_HTTPS_UPGRADE && decide::HasTarget(intent.purpose())) {
    intent.set_target("/there");
  }
  return intent;
}

// The code for `method`, or "–" for an error.
std::string CodeOf(const v1::Intent& intent, std::string_view method) {
  v1::DecideRequest request;
  request.mutable_request()->set_method(std::string(method));
  request.mutable_request()->set_url("http://shop.example.com/here");
  *request.mutable_intent() = intent;
  v1::DecideResponse answer;
  v1::Error error;
  const v1::Defaults defaults;
  const bool answered = decide::AskCore(request, defaults, answer, error);
  return answered ? std::to_string(answer.status()) : "–";
}

TEST(Readme, EveryPurposeGetsItsCode) {
  const auto rows = Table("| purpose | the backend says | GET, HEAD | other methods |");
  std::set<int> purposes;
  for (const std::string& row : rows) {
    const std::vector<std::string> cells = Cells(row);
    ASSERT_EQ(cells.size(), 4U) << row;
    const v1::Intent intent = IntentOf(cells[0]);
    purposes.insert(intent.purpose());
    for (const char* method : {"GET", "HEAD"}) EXPECT_EQ(CodeOf(intent, method), cells[2]) << row;
    for (const char* method : {"POST", "PUT", "DELETE"}) {
      EXPECT_EQ(CodeOf(intent, method), cells[3]) << row;
    }
  }
  EXPECT_EQ(purposes.size(), size_t{v1::Purpose_ARRAYSIZE} - 1) << "every purpose has a row";
}

}  // namespace
}  // namespace fingerpost

#include "golden/runner.h"

#include <algorithm>
#include <stdexcept>

namespace fingerpost::golden {
namespace {

// The most of a request or an answer that a failure shows; a row may hold 64 KiB.
constexpr size_t kLongestShown = 2000;

std::string Shown(std::string text) {
  if (text.size() > kLongestShown) {
    text = text.substr(0, kLongestShown) + " … " + std::to_string(text.size()) + " octets";
  }
  return text;
}

// Expected and got side by side.
std::string Render(const std::vector<Mismatch>& mismatches) {
  size_t widest_path = 0;
  size_t widest_expected = 8;
  for (const Mismatch& mismatch : mismatches) {
    widest_path = std::max(widest_path, mismatch.path.size());
    widest_expected = std::max(widest_expected, std::min<size_t>(mismatch.expected.size(), 60));
  }
  const auto pad = [](std::string text, size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
  };
  std::string text =
      "  " + pad("", widest_path) + "  " + pad("expected", widest_expected) + "  got\n";
  for (const auto& [path, expected, got] : mismatches) {
    text +=
        "  " + pad(path, widest_path) + "  " + pad(expected, widest_expected) + "  " + got + "\n";
  }
  return text;
}

template <typename Answer>
std::string Failure(const Row& row, size_t hop, const std::string& question, const Answer& answer,
                    const std::vector<Mismatch>& mismatches) {
  std::string where = row.file + ": \"" + row.name + '"';
  if (hop > 0) where += ", hop " + std::to_string(hop + 1);
  return where + "\n  " + row.citation + ": " + row.why + '\n' + Render(mismatches) +
         "  asked     " + Shown(question) + "\n  answered  " +
         Shown(answer.ok ? ToJson(answer.response) : "error " + ToJson(answer.error)) + '\n';
}

template <typename Request>
Question<Request> Ask(const Row& row) {
  Question<Request> question;
  question.json = ToJson(row.request);
  const std::string fault = FromJson(row.request, question.message);
  if (!fault.empty()) throw std::runtime_error(row.file + ": \"" + row.name + "\": " + fault);
  return question;
}

void CheckExpect(const Row& row, const Value& expect) {
  const std::string faults = FaultsOf(expect, row.is_follow);
  if (!faults.empty())
    throw std::runtime_error(row.file + ": \"" + row.name + "\": expect." + faults);
}

void RunDecide(const std::vector<Row>& rows, Transport& transport,
               std::vector<std::string>& failures) {
  std::vector<DecideQuestion> questions;
  questions.reserve(rows.size());
  for (const Row& row : rows) questions.push_back(Ask<v1::DecideRequest>(row));
  const std::vector<DecideAnswer> answers = transport.Decide(questions);
  if (answers.size() != rows.size()) throw std::runtime_error("not as many answers as questions");
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto mismatches = Compare(rows[i].expect, questions[i].message, answers[i]);
    if (mismatches.empty()) continue;
    failures.push_back(Failure(rows[i], 0, questions[i].json, answers[i], mismatches));
  }
}

// The question after `answer`: its next becomes the request, its chain is handed back, options and
// now stay.
FollowQuestion NextHop(const FollowQuestion& last, const FollowAnswer& answer, const Hop& hop) {
  FollowQuestion question{.json = "", .message = last.message};
  *question.message.mutable_request() = answer.response.next();
  *question.message.mutable_chain() = answer.response.chain();
  question.message.clear_response();
  const std::string fault = FromJson(hop.response, *question.message.mutable_response());
  if (!fault.empty()) throw std::runtime_error("response: " + fault);
  question.json = ToJson(question.message);
  return question;
}

// Hop by hop: the first hop of every row at once, then every second hop, so that a transport is
// asked few times.
void RunFollow(const std::vector<Row>& rows, Transport& transport,
               std::vector<std::string>& failures) {
  std::vector<const Row*> left;
  std::vector<FollowQuestion> questions;
  left.reserve(rows.size());
  questions.reserve(rows.size());
  for (const Row& row : rows) {
    left.push_back(&row);
    questions.push_back(Ask<v1::FollowRequest>(row));
  }
  for (size_t hop = 0; !left.empty(); ++hop) {
    const std::vector<FollowAnswer> answers = transport.Follow(questions);
    if (answers.size() != left.size()) throw std::runtime_error("not as many answers as questions");
    std::vector<const Row*> more;
    std::vector<FollowQuestion> next;
    for (size_t i = 0; i < left.size(); ++i) {
      const Row& row = *left[i];
      const Value& expect = hop == 0 ? row.expect : row.hops[hop - 1].expect;
      const auto mismatches = Compare(expect, questions[i].message, answers[i]);
      if (!mismatches.empty()) {
        failures.push_back(Failure(row, hop, questions[i].json, answers[i], mismatches));
      } else if (hop < row.hops.size()) {
        if (!answers[i].response.has_next()) {
          throw std::runtime_error(row.name + ": there is a hop after one that has no next");
        }
        more.push_back(&row);
        next.push_back(NextHop(questions[i], answers[i], row.hops[hop]));
      }
    }
    left = std::move(more);
    questions = std::move(next);
  }
}

}  // namespace

std::vector<std::string> RunFile(const std::string& file, Transport& transport) {
  const std::vector<Row> rows = LoadFile(CorpusDirectory() / file);
  for (const Row& row : rows) {
    CheckExpect(row, row.expect);
    for (const Hop& hop : row.hops) CheckExpect(row, hop.expect);
  }
  std::vector<std::string> failures;
  const bool follow = file.starts_with("follow/");
  if (std::any_of(rows.begin(), rows.end(),
                  [&](const Row& row) { return row.is_follow != follow; })) {
    throw std::runtime_error(file + ": a row of the other question");
  }
  follow ? RunFollow(rows, transport, failures) : RunDecide(rows, transport, failures);
  return failures;
}

}  // namespace fingerpost::golden

#include "policy/check/table.h"

#include <algorithm>
#include <utility>

#include "core/http/markup.h"
#include "policy/check/expectation.h"
#include "policy/document/document.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::policy::check {
namespace {

// 2026-01-01T00:00:00Z, so that a row without an instant passes today and tomorrow.
constexpr int64_t kTestInstant = 1767225600;

std::vector<Expectation> ParseExpectations(const v1::PolicyTest& test, const message::Place& at,
                                           message::Faults& faults) {
  std::vector<Expectation> expectations;
  const message::Place expect = at["expect"];
  if (test.expect().empty()) {
    faults.Error(expect, "is missing; say what is expected, such as \"status is 303\"");
  }
  for (int i = 0; i < test.expect_size(); ++i) {
    if (auto parsed = Expectation::Parse(test.expect(i))) {
      expectations.push_back(*std::move(parsed));
    } else {
      faults.Error(expect[i], parsed.error());
    }
  }
  return expectations;
}

TestResult RunTest(const compiled::Snapshot& snapshot, const v1::PolicyTest& test,
                   const std::vector<Expectation>& expectations) {
  TestResult result = {.name = test.name(), .position = {}, .failures = {}};
  v1::DecideRequest ask = test.ask();
  if (!ask.has_now()) ask.mutable_now()->set_seconds(kTestInstant);
  if (!ask.has_draw()) ask.set_draw(0);
  v1::DecideResponse answer;
  const Answered answered =
      resolve::Decide(snapshot, ask, answer).map([&answer] { return std::move(answer); });
  for (size_t i = 0; i < expectations.size(); ++i) {
    const std::string found = expectations[i].Check(answered);
    if (found.empty()) continue;
    result.failures.push_back("expected: " + test.expect(static_cast<int>(i)) +
                              "; found: " + found);
  }
  return result;
}

// Characters that XML 1.0 cannot hold (§2.2) become "?".
std::string Xml(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  return http::Escaped(text);
}

}  // namespace

std::vector<TestResult> RunTests(const compiled::Snapshot& snapshot, std::string_view text,
                                 const std::string& file, message::FaultList& problems) {
  v1::PolicyTestTable table;
  const document::Document document(text, file, table, problems);
  if (message::HasErrors(problems)) return {};
  message::Faults faults(message::Faults::kMostOfDocument);
  std::vector<TestResult> results;
  if (table.tests().empty()) {
    faults.Error("tests", "is empty; a table has at least one test");
  }
  const message::Place tests("tests");
  for (int i = 0; i < table.tests_size(); ++i) {
    const v1::PolicyTest& test = table.tests(i);
    const message::Place at = tests[i];
    const size_t before = faults.errors();
    if (test.name().empty()) faults.Error(at["name"], "is missing; say what the test shows");
    const std::vector<Expectation> expectations = ParseExpectations(test, at, faults);
    if (faults.errors() > before) continue;
    results.push_back(RunTest(snapshot, test, expectations));
    results.back().position = document.Where(at);
  }
  document.AddFound(faults, problems);
  return results;
}

std::string ToJUnit(const std::vector<TestResult>& results, const std::string& suite) {
  const auto failed = std::count_if(results.begin(), results.end(), [](const TestResult& result) {
    return !result.failures.empty();
  });
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"" +
      Xml(suite) + "\" tests=\"" + std::to_string(results.size()) + "\" failures=\"" +
      std::to_string(failed) + "\">\n";
  for (const TestResult& result : results) {
    xml += "    <testcase classname=\"" + Xml(suite) + "\" name=\"" + Xml(result.name) + "\"";
    if (result.failures.empty()) {
      xml += "/>\n";
      continue;
    }
    xml += ">\n";
    for (const std::string& failure : result.failures) {
      xml += "      <failure message=\"" + Xml(failure) + "\"/>\n";
    }
    xml += "    </testcase>\n";
  }
  return xml + "  </testsuite>\n</testsuites>\n";
}

}  // namespace fingerpost::policy::check

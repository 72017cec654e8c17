// Runs a policy's own test table against the policy.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/message/faults.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::check {

// One row's outcome.
struct TestResult {
  std::string name;
  message::Position position;
  // "expected: location is /a; found: location is /b". Empty: the row passed.
  std::vector<std::string> failures;
};

// Runs the table in `text`. Problems of the table itself go to `problems`, under `file`; a row with
// one is not run.
[[nodiscard]] std::vector<TestResult> RunTests(const compiled::Snapshot& snapshot,
                                               std::string_view text, const std::string& file,
                                               message::FaultList& problems);

// The results as JUnit XML, for CI systems. `suite` is the table's name.
[[nodiscard]] std::string ToJUnit(const std::vector<TestResult>& results, const std::string& suite);

}  // namespace fingerpost::policy::check

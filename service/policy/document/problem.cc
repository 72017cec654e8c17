#include "policy/document/problem.h"

#include <algorithm>
#include <tuple>

namespace fingerpost::policy::document {

std::string ToString(const Problem& problem) {
  std::string text = problem.file + ':';
  if (problem.position.line != 0) {
    text +=
        std::to_string(problem.position.line) + ':' + std::to_string(problem.position.column) + ':';
  }
  text += ' ';
  if (problem.severity == Severity::kWarning) text += "warning: ";
  if (problem.severity == Severity::kNote) text += "note: ";
  if (!problem.field.empty()) text += problem.field + ": ";
  return text + problem.what;
}

void Sort(Problems& problems, const std::string& document) {
  const auto key = [&](const Problem& p) {
    return std::make_tuple(p.file != document, std::cref(p.file), p.position.line,
                           p.position.column);
  };
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const Problem& a, const Problem& b) { return key(a) < key(b); });
}

bool HasErrors(const Problems& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& p) { return p.severity == Severity::kError; });
}

const Problem& FirstError(const Problems& problems) {
  return *std::find_if(problems.begin(), problems.end(),
                       [](const Problem& p) { return p.severity == Severity::kError; });
}

}  // namespace fingerpost::policy::document

// What is wrong with a policy, told to the person who wrote it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace fingerpost::policy::document {

// Where in a file: 1-based; columns count octets. line 0: the file as a whole.
struct Position {
  size_t line = 0;
  size_t column = 0;
};

enum class Severity {
  kError,    // The policy is refused.
  kWarning,  // The policy works and is probably not what was meant.
  kNote,     // It works, and not everybody expects what it does.
};

struct Problem {
  Severity severity = Severity::kError;
  std::string file;
  Position position;
  std::string field;  // "rules[3].match.path_regex"; "" for the document.
  std::string what;   // "is wrong; what to write instead".
};

// In the order of the files, then of their lines.
using Problems = std::vector<Problem>;

// "shop.yaml:12:5: rules[3].id: is used twice; choose another". Warnings say "warning: " after the
// position, notes "note: ".
[[nodiscard]] std::string ToString(const Problem& problem);

// By file, line and column; those of `document` first.
void Sort(Problems& problems, const std::string& document);

[[nodiscard]] bool HasErrors(const Problems& problems);

// Why the policy is refused. `problems` have an error.
[[nodiscard]] const Problem& FirstError(const Problems& problems);

}  // namespace fingerpost::policy::document

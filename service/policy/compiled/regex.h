// The regular expressions of the policy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/message/faults.h"
#include "re2/re2.h"

namespace fingerpost::policy::compiled {

inline constexpr size_t kMaxRegex = 1024;         // A longer one is a list: use a map.
inline constexpr int64_t kRegexMemory = 1 << 20;  // For each of RE2's compiled program and DFA.
// For all programs of a policy, in octets: ten thousand usual ones take a quarter of it.
inline constexpr int64_t kRegexesMemory = 64 << 20;
inline constexpr int kMaxCaptures = 16;  // More than any target uses.

// Whether an alternative of the whole regular expression may stand in it: "/a/x|/b". A "|" within
// parentheses or a class is none. In doubt, true.
[[nodiscard]] bool MayHaveAlternatives(std::string_view regex);

// Compiles the regular expressions of one policy.
class RegexCompiler {
 public:
  // Null after a report at `at`.
  [[nodiscard]] std::shared_ptr<const RE2> Compile(const std::string& text,
                                                   const message::Place& at,
                                                   message::Faults& faults,
                                                   bool case_sensitive = true);

 private:
  int64_t left_ = kRegexesMemory;
};

}  // namespace fingerpost::policy::compiled

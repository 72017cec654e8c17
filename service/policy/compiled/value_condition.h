// Conditions on single values, and the regular expressions of the policy.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fingerpost/v1/policy.pb.h"
#include "policy/document/reporter.h"
#include "re2/re2.h"

namespace fingerpost {

inline constexpr size_t kMaxRegex = 1024;         // Longer ones are lists: use a map.
inline constexpr int64_t kRegexMemory = 1 << 20;  // Of RE2's compiled program and DFA, each.
// Of all programs of a policy, in octets: ten thousand usual ones take a quarter of it.
inline constexpr int64_t kRegexesMemory = 64 << 20;
inline constexpr int kMaxCaptures = 16;  // More than any target uses.

// Compiles the regular expressions of one policy.
class RegexCompiler {
 public:
  // Null after a report under `field`.
  [[nodiscard]] std::shared_ptr<const RE2> Compile(const std::string& text,
                                                   const std::string& field, Reporter& reporter);

 private:
  int64_t left_ = kRegexesMemory;
};

// A condition on one value.
class ValueTest {
 public:
  // Reports what is wrong under `path`.
  ValueTest(const v1::ValueMatch& match, const std::string& path, RegexCompiler& regexes,
            Reporter& reporter);

  [[nodiscard]] const std::string& name() const { return match_.name(); }
  [[nodiscard]] bool Holds(std::optional<std::string_view> value) const;

 private:
  v1::ValueMatch match_;
  std::shared_ptr<const RE2> regex_;
};

}  // namespace fingerpost

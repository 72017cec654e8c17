// Conditions on single values, and the regular expressions of the policy.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fingerpost/v1/policy.pb.h"
#include "policy/reporter.h"
#include "re2/re2.h"

namespace fingerpost {

inline constexpr size_t kMaxRegex = 1024;         // Longer ones are lists: use a map.
inline constexpr int64_t kRegexMemory = 1 << 20;  // Of RE2's compiled program and DFA, each.
inline constexpr int kMaxCaptures = 16;           // More than any target uses.

// Null after a report under `field`.
[[nodiscard]] std::shared_ptr<const RE2> CompileRegex(const std::string& text,
                                                      const std::string& field, Reporter& reporter);

// A condition on one value.
class ValueTest {
 public:
  // Reports what is wrong under `path`.
  ValueTest(const v1::ValueMatch& match, const std::string& path, Reporter& reporter);

  [[nodiscard]] const std::string& name() const { return match_.name(); }
  [[nodiscard]] bool Holds(std::optional<std::string_view> value) const;

 private:
  v1::ValueMatch match_;
  std::shared_ptr<const RE2> regex_;
};

}  // namespace fingerpost

// Rules as messages name them.
#pragma once

#include <absl/functional/function_ref.h>

#include <string>

#include "core/message/place.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/places.h"

namespace fingerpost::policy::lint {

// Where a rule of the policy stands.
struct RuleAt {
  std::string file = {};  // "": the document itself.
  int index = 0;          // In that file.
  size_t line = 0;        // From 1.
};
using WhereIsRule = absl::FunctionRef<RuleAt(int index)>;

// "rules[3] (blog, line 15)", "rules[0] of teams/blog.yaml (blog, line 15)".
class RuleNames {
 public:
  RuleNames(const v1::Policy& policy, WhereIsRule where) : policy_(policy), where_(where) {}

  [[nodiscard]] std::string Of(size_t index) const {
    const int i = static_cast<int>(index);
    const RuleAt at = where_(i);
    return ToString(compiled::kRulesPlace[at.index]) + (at.file.empty() ? "" : " of " + at.file) +
           " (" + policy_.rules(i).id() + ", line " + std::to_string(at.line) + ")";
  }

 private:
  const v1::Policy& policy_;
  WhereIsRule where_;
};

}  // namespace fingerpost::policy::lint

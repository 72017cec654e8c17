// Rules as messages name them.
#pragma once

#include <absl/functional/function_ref.h>

#include <string>

#include "core/message/place.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/places.h"

namespace fingerpost::policy::lint {

// The line of a rule of the document, from 1.
using LineOfRule = absl::FunctionRef<size_t(int index)>;

// "rules[3] (blog, line 15)".
class RuleNames {
 public:
  RuleNames(const v1::Policy& policy, LineOfRule line) : policy_(policy), line_(line) {}

  [[nodiscard]] std::string Of(size_t index) const {
    const int i = static_cast<int>(index);
    return ToString(compiled::kRulesPlace[i]) + " (" + policy_.rules(i).id() + ", line " +
           std::to_string(line_(i)) + ")";
  }

 private:
  const v1::Policy& policy_;
  LineOfRule line_;
};

}  // namespace fingerpost::policy::lint

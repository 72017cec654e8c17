// Conditions on single values of parameters, fields or cookies.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/regex.h"

namespace fingerpost::policy::compiled {

// A condition on one value.
class ValueCondition {
 public:
  // Reports what is wrong at `at`.
  ValueCondition(const v1::ValueMatch& match, const message::Place& at, RegexCompiler& regexes,
                 message::Faults& faults);

  [[nodiscard]] const std::string& name() const { return match_.name(); }
  [[nodiscard]] const v1::ValueMatch& match() const { return match_; }
  [[nodiscard]] bool Holds(std::optional<std::string_view> value) const;
  // nullptr: it has none.
  [[nodiscard]] const RE2* regex() const { return regex_.get(); }

 private:
  v1::ValueMatch match_;
  std::shared_ptr<const RE2> regex_;
};

}  // namespace fingerpost::policy::compiled

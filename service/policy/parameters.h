// The values that a request gives for a named intent's placeholders.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/violations.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/reporter.h"

namespace fingerpost {

// Whether `value` is one of `type`.
[[nodiscard]] bool IsOfType(v1::ParameterType type, std::string_view value);

// "decimal digits, as 7829".
[[nodiscard]] std::string_view Describe(v1::ParameterType type);

// A named intent, compiled.
struct CompiledIntent {
  struct Parameter {
    std::string name;
    v1::ParameterType type;
    std::optional<std::string> default_value;
  };
  v1::Intent intent;
  bool broken = false;                // Something was reported: it is not looked at any further.
  std::vector<Parameter> parameters;  // By name: the placeholders of all targets.
};

// Reports parameters that are no placeholders, and defaults of the wrong type, under `at`.
[[nodiscard]] CompiledIntent CompileIntent(const v1::NamedIntent& named, const std::string& at,
                                           Reporter& reporter);

// Adds a violation for each parameter of `request` that is missing, of the wrong type or unknown.
void CheckParameters(const CompiledIntent& intent, const v1::DecideRequest& request,
                     Violations& violations);

// Whether a default must stand in for a parameter that `request` does not give.
[[nodiscard]] bool NeedsDefaults(const CompiledIntent& intent, const v1::DecideRequest& request);
void AddDefaults(const CompiledIntent& intent, v1::DecideRequest& request);

}  // namespace fingerpost

// Named intents, and the values that a request gives for their placeholders.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/faults.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::policy::compiled {

// Whether `value` is valid for `type`.
[[nodiscard]] bool IsOfType(v1::ParameterType type, std::string_view value);

// "decimal digits, as 7829".
[[nodiscard]] std::string_view Describe(v1::ParameterType type);

// A named intent, compiled.
struct NamedIntent {
  struct Parameter {
    std::string name;
    v1::ParameterType type;
    std::optional<std::string> default_value;
  };
  v1::Intent intent;
  bool broken = false;                // A fault was reported, so it is not checked any further.
  std::vector<Parameter> parameters;  // The placeholders of all targets and texts, by name.
  // Those of texts (see text_placeholders.h), and of those the ones that are in no target.
  bool has_texts = false;
  std::vector<std::string> in_texts_only;
};

// Reports parameters that are no placeholders, and defaults of the wrong type, under `at`.
[[nodiscard]] NamedIntent CompileNamedIntent(const v1::NamedIntent& named, const message::Place& at,
                                             message::Faults& faults);

}  // namespace fingerpost::policy::compiled

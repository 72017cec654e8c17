// Names that authors give to intents, rules and maps.
#pragma once

#include <string>
#include <string_view>

#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::policy::compiled {

inline constexpr size_t kMaxName = 64;  // It is in every answer and in metrics.

// Letters, digits, "-", "_" and ".", 1 to kMaxName.
[[nodiscard]] bool IsName(std::string_view text);

// Reports a name that is missing or not one.
void CheckName(std::string_view name, const message::Place& at, message::Faults& faults);

// The intents' names for a message: the nearest to `meant`, or the first few.
[[nodiscard]] std::string OneOf(const google::protobuf::Map<std::string, v1::NamedIntent>& intents,
                                std::string_view meant);

}  // namespace fingerpost::policy::compiled

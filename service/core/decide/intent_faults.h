// Every fault of a Decide question, each with its path and what was expected.
#pragma once

#include <string_view>

#include "core/message/violations.h"
#include "fingerpost/v1/intent.pb.h"
#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::decide {

// What is wrong with an intent whatever the request is; for requests and for policies as they are
// loaded. `path` is where the intent stands: "intent", "rules[3].intent".
void CheckIntent(const v1::Intent& intent, const v1::Defaults& defaults, std::string_view path,
                 message::Violations& violations);

// The intent's purpose has a target, given or implied, whoever the client is.
[[nodiscard]] bool HasTarget(v1::Purpose purpose);

}  // namespace fingerpost::decide

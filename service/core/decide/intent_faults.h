// Every fault of a Decide question, each with its path and what was expected.
#pragma once

#include <string_view>

#include "core/message/violations.h"
#include "fingerpost/v1/intent.pb.h"
#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::decide {

// Checks an intent independently of the request; for requests, and for policies when they are
// loaded. `path` is the intent's place: "intent", "rules[3].intent".
void CheckIntent(const v1::Intent& intent, const v1::Defaults& defaults, std::string_view path,
                 message::Violations& violations);

// Whether the purpose has a target, given or implied, for every kind of client.
[[nodiscard]] bool HasTarget(v1::Purpose purpose);

}  // namespace fingerpost::decide

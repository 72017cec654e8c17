// The policy that answers when the operator gives none.
#pragma once

#include "policy/snapshot.h"

namespace fingerpost {

// No intents, no rules, no maps, and the defaults of policy.proto. Compiled once, on first use.
[[nodiscard]] const SnapshotPtr& DefaultPolicy();

}  // namespace fingerpost

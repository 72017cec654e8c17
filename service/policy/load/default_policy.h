// The policy that answers when the operator gives none: default_policy.yaml, which is a part of the
// program.
#pragma once

#include "policy/compiled/snapshot.h"

namespace fingerpost {

// Compiled once, on first use.
[[nodiscard]] const SnapshotPtr& DefaultPolicy();

}  // namespace fingerpost

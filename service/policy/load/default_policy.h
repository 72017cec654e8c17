// The policy that answers when the operator gives none: default_policy.yaml, which is a part of the
// program.
#pragma once

#include <string_view>

#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::load {

// default_policy.yaml, as embed.cmake writes it into the program.
extern const std::string_view kDefaultPolicyText;

// Compiled once, on first use.
[[nodiscard]] const compiled::SnapshotPtr& DefaultPolicy();

}  // namespace fingerpost::policy::load

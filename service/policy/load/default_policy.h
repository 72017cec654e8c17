// The policy without an operator's own: default_policy.yaml, embedded in the program.
#pragma once

#include <string_view>

#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::load {

// default_policy.yaml, embedded by embed.cmake.
extern const std::string_view kDefaultPolicyText;

// Compiled once, on first use.
[[nodiscard]] const compiled::SnapshotPtr& DefaultPolicy();

}  // namespace fingerpost::policy::load

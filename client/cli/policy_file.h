// A policy's files, as the commands of `fingerpost policy` read them.
#pragma once

#include <string>

#include "core/message/faults.h"
#include "policy/load/loader.h"

namespace fingerpost::cli {

// Reads the policy at `path`, with Progress.
[[nodiscard]] policy::load::Loaded LoadPolicy(
    const std::string& path, policy::load::Checks checks = policy::load::Checks::kAll);

// Whether something is an error. With a snapshot it is one of an included file: the others are good
// without it.
[[nodiscard]] bool HasErrors(const policy::load::Loaded& loaded);

// A line each, Harmless.
[[nodiscard]] std::string Lines(const message::FaultList& problems);

}  // namespace fingerpost::cli

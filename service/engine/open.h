// A policy for the engine, or the error that says why there is none.
#pragma once

#include <string>
#include <string_view>

#include "core/message/result.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::engine {

using Opened = message::Result<policy::compiled::SnapshotPtr, v1::Error>;

// From a v1::Policy: what it does not have, the service is to be asked. `version`: what answers
// call it; "": the one that it was handed out with, or a hash of the octets.
[[nodiscard]] Opened FromOctets(std::string_view octets, std::string_view version);
// From YAML or JSON that names no files.
[[nodiscard]] Opened FromText(std::string_view text);
// With the maps and the files that it names.
[[nodiscard]] Opened FromFile(const std::string& path);

// INVALID_ARGUMENT: `what` is wrong with the argument `name`.
[[nodiscard]] v1::Error WrongArgument(std::string_view name, std::string_view what);

}  // namespace fingerpost::engine

// The settings of limits as gRPC wants them.
#pragma once

#include <grpcpp/server_builder.h>

#include <cstdint>

#include "server/settings.h"

namespace fingerpost {

// --max-memory is shared: half for gRPC's connections and what they receive, half for what calls
// hold, but always enough for a call with a largest message.
[[nodiscard]] int64_t CallMemory(const Settings& settings);

// Octets that a connection may send without asking anything: a largest message with its metadata is
// always within it.
[[nodiscard]] int UnaskedLimit(const Settings& settings);

void SetLimits(const Settings& settings, grpc::ServerBuilder& builder);

}  // namespace fingerpost

// The settings' limits in the form that gRPC takes.
#pragma once

#include <grpcpp/server_builder.h>

#include <cstdint>

#include "server/settings.h"

namespace fingerpost {

// --max-memory is shared: half for gRPC's connections and their data, half for what calls hold, but
// always enough for a call with the largest message.
[[nodiscard]] int64_t CallMemory(const Settings& settings);

// Octets that a connection may send without asking anything; always enough for the largest message
// with its metadata.
[[nodiscard]] int UnaskedLimit(const Settings& settings);

void SetLimits(const Settings& settings, grpc::ServerBuilder& builder);

}  // namespace fingerpost

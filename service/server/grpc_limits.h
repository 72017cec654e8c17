// The settings of limits as gRPC wants them.
#pragma once

#include <grpcpp/server_builder.h>

#include "server/settings.h"

namespace fingerpost {

void SetLimits(const Settings& settings, grpc::ServerBuilder& builder);

}  // namespace fingerpost

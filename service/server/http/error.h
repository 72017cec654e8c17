// Errors over HTTP. All have one shape: {"error": {…}}, where … is fingerpost.v1.Error.
#pragma once

#include <grpcpp/support/status.h>

#include <string_view>

#include "fingerpost/v1/answer.pb.h"
#include "server/http/server.h"

namespace fingerpost {

// A fault of the HTTP request itself. The error's code follows from the status. It has no reason,
// as with gRPC's own refusals before a call begins.
[[nodiscard]] HttpAnswer HttpError(int status, std::string_view message);

// The status of a call with this code.
[[nodiscard]] int HttpStatusOf(grpc::StatusCode code);

// An error of the service, with the HTTP status of its gRPC code.
[[nodiscard]] HttpAnswer HttpError(const v1::Error& error);

}  // namespace fingerpost

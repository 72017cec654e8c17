// From the status of a gRPC call to the error that batches and the CLI have.
#pragma once

#include <grpcpp/support/status.h>

#include "fingerpost/v1/answer.pb.h"

namespace fingerpost {

// `status` must not be OK. Reason and violations come from the status details
// (google.rpc.ErrorInfo, google.rpc.BadRequest); without them only code and message are set.
[[nodiscard]] v1::Error ToError(const grpc::Status& status);

// The question is larger than the server takes; gRPC says so by its text alone.
[[nodiscard]] bool IsTooLarge(const v1::Error& error);

// By these a service that is well says something about the question, or about who asks: asking
// again would not help.
[[nodiscard]] bool IsAnAnswer(const v1::Error& error);

}  // namespace fingerpost

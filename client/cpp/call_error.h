// From the status of a gRPC call to the error that batches and the CLI have.
#pragma once

#include <grpcpp/support/status.h>

#include "fingerpost/v1/answer.pb.h"

namespace fingerpost {

// `status` must not be OK. Reason and violations come from the status details
// (google.rpc.ErrorInfo, google.rpc.BadRequest); without them only code and message are set.
[[nodiscard]] v1::Error ToError(const grpc::Status& status);

// The question is larger than the server takes. Only gRPC's text says so.
[[nodiscard]] bool IsTooLarge(const v1::Error& error);

// Codes by which a healthy service reports a fault of the question or of the caller: asking again
// would not help.
[[nodiscard]] bool IsAnAnswer(const v1::Error& error);

}  // namespace fingerpost

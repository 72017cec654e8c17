#include "rpc/calls.h"

#include <chrono>

#include "rpc/error_status.h"

namespace fingerpost {

grpc::Status Refusal(const grpc::ServerContext& context, const CallGate& gate, bool entered) {
  if (!gate.callers.Allows(context)) {
    return ToStatus(MakeError(v1::ERROR_REASON_CALLER_NOT_ALLOWED,
                              "The caller's certificate is not on the list of allowed callers."));
  }
  if (!entered) return ToStatus(MakeError(v1::ERROR_REASON_OVERLOADED, "Too many calls at once."));
  if (context.deadline() <= std::chrono::system_clock::now()) {
    return ToStatus(MakeError(v1::ERROR_REASON_DEADLINE_EXCEEDED,
                              "The deadline passed before the work began."));
  }
  return grpc::Status::OK;
}

grpc::Status ShuttingDown() {
  return ToStatus(MakeError(v1::ERROR_REASON_SHUTTING_DOWN, "The server is shutting down."));
}

}  // namespace fingerpost

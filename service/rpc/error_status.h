// Error -> grpc::Status: one table from every ErrorReason to its gRPC code, and the google.rpc
// details.
#pragma once

#include <grpcpp/support/status.h>

#include <string_view>

#include "fingerpost/v1/answer.pb.h"

namespace fingerpost {

// The domain of google.rpc.ErrorInfo.
inline constexpr char kErrorDomain[] = "fingerpost.dev";

// The wire form of an ErrorReason.
struct ErrorCode {
  grpc::StatusCode code;
  std::string_view name;  // of the code: "INVALID_ARGUMENT"
  int retry_after_ms;     // RetryInfo; 0: trying again does not help
};

// Defined for every reason; an unknown value is INTERNAL.
[[nodiscard]] const ErrorCode& CodeOf(v1::ErrorReason reason);

// "INVALID_FIELDS" for ERROR_REASON_INVALID_FIELDS, as in ErrorInfo.
[[nodiscard]] std::string_view ReasonName(v1::ErrorReason reason);

// An error that is not about a field.
[[nodiscard]] v1::Error MakeError(v1::ErrorReason reason, std::string_view message);

// With google.rpc.Status in the details: ErrorInfo always, BadRequest for wrong fields, RetryInfo
// if trying again may help.
[[nodiscard]] grpc::Status ToStatus(const v1::Error& error);

}  // namespace fingerpost

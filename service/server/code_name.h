// Names of gRPC's codes, as in its documents.
#pragma once

#include <grpcpp/support/status.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace fingerpost {

// "INVALID_ARGUMENT".
[[nodiscard]] inline std::string_view CodeName(grpc::StatusCode code) {
  constexpr std::array<std::string_view, 17> kNames = {"OK",
                                                       "CANCELLED",
                                                       "UNKNOWN",
                                                       "INVALID_ARGUMENT",
                                                       "DEADLINE_EXCEEDED",
                                                       "NOT_FOUND",
                                                       "ALREADY_EXISTS",
                                                       "PERMISSION_DENIED",
                                                       "RESOURCE_EXHAUSTED",
                                                       "FAILED_PRECONDITION",
                                                       "ABORTED",
                                                       "OUT_OF_RANGE",
                                                       "UNIMPLEMENTED",
                                                       "INTERNAL",
                                                       "UNAVAILABLE",
                                                       "DATA_LOSS",
                                                       "UNAUTHENTICATED"};
  return kNames[std::min(static_cast<size_t>(code), kNames.size() - 1)];
}

}  // namespace fingerpost

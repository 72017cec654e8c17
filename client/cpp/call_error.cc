#include "call_error.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace fingerpost {
namespace {

// google.rpc.Code, by number.
constexpr std::array kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

std::string CodeName(grpc::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  return index < kCodeNames.size() ? kCodeNames[index] : "UNKNOWN";
}

}  // namespace

bool IsTooLarge(const v1::Error& error) {
  return error.code() == "RESOURCE_EXHAUSTED" &&
         error.message().find("message larger than max") != std::string::npos;
}

bool IsAnAnswer(const v1::Error& error) {
  constexpr std::array<std::string_view, 7> kCodes = {
      "INVALID_ARGUMENT", "NOT_FOUND",           "UNIMPLEMENTED", "PERMISSION_DENIED",
      "UNAUTHENTICATED",  "FAILED_PRECONDITION", "OUT_OF_RANGE"};
  return std::ranges::find(kCodes, error.code()) != kCodes.end() || IsTooLarge(error);
}

v1::Error ToError(const grpc::Status& status) {
  v1::Error error;
  // gRPC's word for octets that are no message. A service that lacks the method says something
  // else.
  const bool unread = status.error_code() == grpc::StatusCode::UNIMPLEMENTED &&
                      status.error_message() == "No message returned for unary request";
  error.set_code(unread ? "INTERNAL" : CodeName(status.error_code()));
  error.set_message(status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return error;
  for (const auto& detail : details.details()) {
    if (google::rpc::ErrorInfo info; detail.UnpackTo(&info)) {
      v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
      // A reason that this version does not know stays unspecified.
      if (v1::ErrorReason_Parse("ERROR_REASON_" + info.reason(), &reason)) error.set_reason(reason);
    } else if (google::rpc::BadRequest bad; detail.UnpackTo(&bad)) {
      for (const auto& from : bad.field_violations()) {
        v1::FieldViolation& to = *error.add_violations();
        to.set_field(from.field());
        to.set_description(from.description());
      }
    }
  }
  return error;
}

}  // namespace fingerpost

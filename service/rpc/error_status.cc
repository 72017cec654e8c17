#include "rpc/error_status.h"

#include <algorithm>
#include <array>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace fingerpost {
namespace {

// Long enough for a burst to pass, and short enough for a waiting caller.
constexpr int kOverloadedRetryMs = 100;
// Another replica can answer at once.
constexpr int kShuttingDownRetryMs = 10;

struct Row {
  v1::ErrorReason reason;
  ErrorCode code;
};

using enum grpc::StatusCode;
constexpr std::array kTable = {
    Row{v1::ERROR_REASON_INVALID_FIELDS, {INVALID_ARGUMENT, "INVALID_ARGUMENT", 0}},
    Row{v1::ERROR_REASON_MALFORMED_JSON, {INVALID_ARGUMENT, "INVALID_ARGUMENT", 0}},
    Row{v1::ERROR_REASON_UNKNOWN_INTENT, {NOT_FOUND, "NOT_FOUND", 0}},
    Row{v1::ERROR_REASON_NOT_IMPLEMENTED, {UNIMPLEMENTED, "UNIMPLEMENTED", 0}},
    Row{v1::ERROR_REASON_OVERLOADED,
        {RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED", kOverloadedRetryMs}},
    Row{v1::ERROR_REASON_SHUTTING_DOWN, {UNAVAILABLE, "UNAVAILABLE", kShuttingDownRetryMs}},
    Row{v1::ERROR_REASON_DEADLINE_EXCEEDED, {DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", 0}},
    Row{v1::ERROR_REASON_CALLER_NOT_ALLOWED, {PERMISSION_DENIED, "PERMISSION_DENIED", 0}},
    Row{v1::ERROR_REASON_INVARIANT_BROKEN, {INTERNAL, "INTERNAL", 0}},
};

constexpr ErrorCode kUnknown = {INTERNAL, "INTERNAL", 0};

}  // namespace

const ErrorCode& CodeOf(v1::ErrorReason reason) {
  const auto* row = std::find_if(kTable.begin(), kTable.end(),
                                 [reason](const Row& r) { return r.reason == reason; });
  return row == kTable.end() ? kUnknown : row->code;
}

std::string_view ReasonName(v1::ErrorReason reason) {
  constexpr std::string_view kPrefix = "ERROR_REASON_";
  std::string_view name = v1::ErrorReason_Name(reason);
  name.remove_prefix(std::min(kPrefix.size(), name.size()));
  return name;
}

v1::Error MakeError(v1::ErrorReason reason, std::string_view message) {
  v1::Error error;
  error.set_code(std::string(CodeOf(reason).name));
  error.set_reason(reason);
  error.set_message(std::string(message));
  return error;
}

grpc::Status ToStatus(const v1::Error& error) {
  const ErrorCode& code = CodeOf(error.reason());
  google::rpc::Status status;
  status.set_code(code.code);
  status.set_message(error.message());

  google::rpc::ErrorInfo info;
  info.set_reason(std::string(ReasonName(error.reason())));
  info.set_domain(kErrorDomain);
  status.add_details()->PackFrom(info);

  if (error.violations_size() > 0) {
    google::rpc::BadRequest bad_request;
    for (const v1::FieldViolation& violation : error.violations()) {
      auto& out = *bad_request.add_field_violations();
      out.set_field(violation.field());
      out.set_description(violation.description());
    }
    status.add_details()->PackFrom(bad_request);
  }
  if (code.retry_after_ms > 0) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_nanos(code.retry_after_ms * 1'000'000);
    status.add_details()->PackFrom(retry);
  }
  return {code.code, error.message(), status.SerializeAsString()};
}

}  // namespace fingerpost

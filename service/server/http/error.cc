#include "server/http/error.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/message/json.h"
#include "rpc/error_status.h"

namespace fingerpost {
namespace {

struct Row {
  int status;
  grpc::StatusCode code;
  std::string_view name;
};

using enum grpc::StatusCode;
// The first row of a code has its HTTP status, as in google/rpc/code.proto.
constexpr std::array kRows = {
    Row{400, INVALID_ARGUMENT, "INVALID_ARGUMENT"},
    Row{403, PERMISSION_DENIED, "PERMISSION_DENIED"},
    Row{404, NOT_FOUND, "NOT_FOUND"},
    Row{429, RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"},
    Row{500, INTERNAL, "INTERNAL"},
    Row{501, UNIMPLEMENTED, "UNIMPLEMENTED"},
    Row{503, UNAVAILABLE, "UNAVAILABLE"},
    Row{504, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"},
    Row{405, UNIMPLEMENTED, "UNIMPLEMENTED"},
    Row{408, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"},
    Row{413, RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"},
    Row{431, RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"},
};
constexpr Row kOtherStatus = {400, INVALID_ARGUMENT, "INVALID_ARGUMENT"};

HttpAnswer Written(int status, const v1::Error& error) {
  return {.status = status,
          .type = "application/json",
          .body = "{\"error\":" + message::ToJson(error) + "}\n"};
}

}  // namespace

HttpAnswer HttpError(int status, std::string_view message) {
  const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                 [status](const Row& each) { return each.status == status; });
  v1::Error error;
  error.set_code(std::string((row == kRows.end() ? kOtherStatus : *row).name));
  error.set_message(std::string(message));
  return Written(status, error);
}

int HttpStatusOf(grpc::StatusCode code) {
  if (code == OK) return 200;
  const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                 [code](const Row& each) { return each.code == code; });
  return row == kRows.end() ? 500 : row->status;
}

HttpAnswer HttpError(const v1::Error& error) {
  const ErrorCode& code = CodeOf(error.reason());
  HttpAnswer answer = Written(HttpStatusOf(code.code), error);
  // Whole seconds only (RFC 9110 §10.2.3).
  if (code.retry_after_ms > 0) answer.fields.emplace_back("Retry-After", "1");
  return answer;
}

}  // namespace fingerpost

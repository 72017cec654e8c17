#include "server/json_bridge.h"

#include <absl/strings/match.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>

#include "core/message/json.h"
#include "rpc/error_status.h"

namespace fingerpost {
namespace {

// google/rpc/code.proto.
int HttpStatusOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return 200;
    case grpc::StatusCode::INVALID_ARGUMENT:
      return 400;
    case grpc::StatusCode::PERMISSION_DENIED:
      return 403;
    case grpc::StatusCode::NOT_FOUND:
      return 404;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return 429;
    case grpc::StatusCode::UNIMPLEMENTED:
      return 501;
    case grpc::StatusCode::UNAVAILABLE:
      return 503;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return 504;
    default:
      return 500;
  }
}

// "application/json", with parameters or without. Asking for it keeps web pages out: a browser
// sends it across origins only after a preflight, which nobody here answers.
bool IsJson(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return absl::EqualsIgnoreCase(absl::string_view(type.data(), type.size()), "application/json");
}

HttpAnswer Refused(int status, const std::string& message, const std::string& fields = {}) {
  return {.status = status, .body = message + "\n", .fields = fields};
}

HttpAnswer ErrorAnswer(const v1::Error& error) {
  const ErrorCode& code = CodeOf(error.reason());
  HttpAnswer answer{.status = HttpStatusOf(code.code),
                    .type = "application/json",
                    .body = "{\"error\":" + ToJson(error) + "}\n",
                    .fields = {}};
  // Whole seconds only (RFC 9110 §10.2.3).
  if (code.retry_after_ms > 0) answer.fields = "Retry-After: 1\r\n";
  return answer;
}

// Octets of memory for an octet of an answer: the text while it grows, and what is written of it.
constexpr int64_t kText = 4;
constexpr int64_t kWritten = 2;

bool Add(Share& share, int64_t octets, v1::Error& error) {
  if (share.Add(octets)) return true;
  error = NoRoom(share);
  return false;
}

bool Admit(Share& share, size_t body, v1::Error& error) {
  return Add(share, kCallOctets + kInMemory * static_cast<int64_t>(body), error);
}

// `answer`: its size on the wire of gRPC; as JSON it is longer.
bool AdmitText(Share& share, size_t answer, v1::Error& error) {
  return Add(share, kText * static_cast<int64_t>(answer), error);
}

}  // namespace

template <typename Request, typename Response>
HttpAnswer JsonBridge::Ask(const HttpCall& call, Method method,
                           bool (RedirectService::*function)(Request&, Response&, v1::Error&,
                                                             Deadline, Share*) const) const {
  const auto start = std::chrono::steady_clock::now();
  if (meters_ != nullptr) meters_->Started(method);
  Request request;
  Response response;
  v1::Error error;
  const auto share = std::make_shared<Share>(budget_);
  const bool answered = Admit(*share, call.body.size(), error) &&
                        FromJson(call.body, request, error) &&
                        (service_.*function)(request, response, error, kNoDeadline, share.get()) &&
                        AdmitText(*share, response.ByteSizeLong(), error);
  const auto code = answered ? grpc::StatusCode::OK : CodeOf(error.reason()).code;
  const auto duration = std::chrono::steady_clock::now() - start;
  if (meters_ != nullptr) meters_->Finished(method, code, duration);
  const CallSummary summary{method, code, duration, answered ? &response : nullptr};
  if (const unsigned wanted = observer_ == nullptr ? 0 : observer_->Wants(summary)) {
    observer_->Finished(wanted, {.summary = summary,
                                 .transport = "http",
                                 .peer = call.peer,
                                 .caller = {},
                                 .traceparent = std::string(call.field("traceparent")),
                                 .request_id = std::string(call.field("x-request-id")),
                                 .request = request,
                                 .error = answered ? "" : error.message()});
  }
  if (!answered) return ErrorAnswer(error);
  HttpAnswer answer{
      .status = 200, .type = "application/json", .body = ToJson(response) + "\n", .fields = {}};
  share->Settle(kCallOctets + kWritten * static_cast<int64_t>(answer.body.size()));
  answer.held = share;
  return answer;
}

HttpAnswer JsonBridge::Answer(const HttpCall& call) const {
  const bool decide = call.path == "/v1/decide";
  if (!decide && call.path != "/v1/follow") return Refused(404, "POST /v1/decide or /v1/follow");
  if (call.method != "POST") return Refused(405, "POST only", "Allow: POST\r\n");
  if (!IsJson(call.field("content-type"))) {
    return Refused(415, "expected Content-Type: application/json", "Accept: application/json\r\n");
  }
  return decide ? Ask(call, Method::kDecideOverHttp, &RedirectService::Decide)
                : Ask(call, Method::kFollowOverHttp, &RedirectService::Follow);
}

}  // namespace fingerpost

#include "server/json_bridge.h"

#include <absl/strings/match.h>
#include <fmt/format.h>

#include <chrono>
#include <initializer_list>
#include <memory>
#include <new>
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
                    .body = "{\"error\":" + message::ToJson(error) + "}\n",
                    .fields = {}};
  // Whole seconds only (RFC 9110 §10.2.3).
  if (code.retry_after_ms > 0) answer.fields = "Retry-After: 1\r\n";
  return answer;
}

// The text of an answer, and what the server writes of it.
constexpr int64_t kWritten = 2;

bool Add(Share& share, int64_t octets, v1::Error& error) {
  if (share.Add(octets)) return true;
  error = NoRoom(share);
  return false;
}

bool Admit(Share& share, size_t body, v1::Error& error) {
  return Add(share, kCallOctets + kInMemory * static_cast<int64_t>(body), error);
}

// Long answers have long values: as JSON they are a little longer than on the wire.
bool Write(const google::protobuf::Message& answer, Share& share, std::string& text,
           v1::Error& error) {
  const size_t size = answer.ByteSizeLong();
  const size_t most = size + size / 4 + (4 << 10);
  share.Settle(kCallOctets + static_cast<int64_t>(answer.SpaceUsedLong()));
  if (!Add(share, static_cast<int64_t>(most), error)) return false;
  text.reserve(most);
  message::AppendJson(answer, text);
  text += '\n';
  return true;
}

}  // namespace

// What protobuf makes once for each message it makes now: it does not survive an allocation that
// fails meanwhile.
JsonBridge::JsonBridge(const RedirectService& service, Meters* meters, CallObserver* observer,
                       Budget* budget)
    : service_(service), meters_(meters), observer_(observer), budget_(budget) {
  for (const google::protobuf::Message* message :
       std::initializer_list<const google::protobuf::Message*>{
           &v1::DecideRequest::default_instance(), &v1::DecideResponse::default_instance(),
           &v1::FollowRequest::default_instance(), &v1::FollowResponse::default_instance(),
           &v1::Error::default_instance()}) {
    (void)message->SpaceUsedLong();
  }
}

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
  HttpAnswer answer{.status = 200, .type = "application/json", .body = {}, .fields = {}};
  bool answered = false;
  try {
    answered = Admit(*share, call.body.size(), error) &&
               message::FromJson(call.body, request, error) &&
               (service_.*function)(request, response, error, kNoDeadline, share.get()) &&
               Write(response, *share, answer.body, error);
  } catch (const std::bad_alloc&) {
    error = MakeError(v1::ERROR_REASON_OVERLOADED, "The server is short of memory.");
  }
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
  share->Settle(kCallOctets + kWritten * static_cast<int64_t>(answer.body.capacity()));
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
  try {
    return decide ? Ask(call, Method::kDecideOverHttp, &RedirectService::Decide)
                  : Ask(call, Method::kFollowOverHttp, &RedirectService::Follow);
  } catch (const std::bad_alloc&) {
    return Refused(429, "no memory", "Retry-After: 1\r\n");
  }
}

}  // namespace fingerpost

#include "server/json_bridge.h"

#include <absl/strings/match.h>

#include <chrono>
#include <initializer_list>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "core/message/json.h"
#include "rpc/error_status.h"
#include "server/http/error.h"
#include "server/http/single_field.h"

namespace fingerpost {
namespace {

// "application/json", with or without parameters. Requiring it keeps web pages out: a browser sends
// it across origins only after a preflight, which this server does not answer.
bool IsJson(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return absl::EqualsIgnoreCase(absl::string_view(type.data(), type.size()), "application/json");
}

HttpAnswer Refused(int status, std::string_view message, std::string field, std::string value) {
  HttpAnswer answer = HttpError(status, message);
  answer.fields.emplace_back(std::move(field), std::move(value));
  return answer;
}

v1::Error NoMemory() {
  return MakeError(v1::ERROR_REASON_OVERLOADED, "The server is short of memory.");
}

message::Done Add(Share& share, int64_t octets) {
  if (!share.Add(octets)) return message::Unexpected(NoRoom(share));
  return {};
}

message::Done Admit(const HttpCall& call, const AllowedCallers& callers, Share& share) {
  if (!callers.AllowsAnyOf(call.caller)) return message::Unexpected(NotAllowed());
  return Add(share, kCallOctets + kInMemory * static_cast<int64_t>(call.body.size()));
}

// Long answers have long values, so their JSON is only a little longer than their wire format.
message::Done Write(const google::protobuf::Message& answer, Share& share, std::string& text) {
  const size_t size = answer.ByteSizeLong();
  const size_t most = size + size / 4 + (4 << 10);
  share.Settle(kCallOctets + static_cast<int64_t>(answer.SpaceUsedLong()));
  if (message::Done added = Add(share, static_cast<int64_t>(most)); !added) return added;
  text.reserve(most);
  message::AppendJson(answer, text);
  text += '\n';
  return {};
}

}  // namespace

// Makes protobuf's one-time data for each message now: protobuf does not survive an allocation that
// fails meanwhile.
JsonBridge::JsonBridge(const RedirectService& service, const Setup& setup)
    : service_(service), setup_(setup), callers_(setup.allow_callers) {
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
                           message::Done (RedirectService::*function)(Request&, Response&, Deadline,
                                                                      Share*) const) const {
  const auto start = std::chrono::steady_clock::now();
  if (setup_.meters != nullptr) setup_.meters->Started(method);
  Request request;
  Response response;
  const auto share = std::make_shared<Share>(setup_.budget);
  HttpAnswer answer{.status = 200, .type = "application/json"};
  message::Done done;
  try {
    done = Admit(call, callers_, *share)
               .and_then([&] { return message::FromJson(call.body, request); })
               .and_then([&] {
                 return (service_.*function)(request, response, kNoDeadline, share.get());
               })
               .and_then([&] { return Write(response, *share, answer.body); });
  } catch (const std::bad_alloc&) {
    done = message::Unexpected(NoMemory());
  }
  const auto code = done ? grpc::StatusCode::OK : CodeOf(done.error().reason()).code;
  const auto duration = std::chrono::steady_clock::now() - start;
  if (setup_.meters != nullptr) setup_.meters->Finished(method, code, duration);
  if (setup_.caller_counts != nullptr && !call.caller.empty()) {
    setup_.caller_counts->Count(call.caller.front());
  }
  const auto field = [&call](std::string_view name) { return SingleField(call, name); };
  const CallSummary summary{method, code, duration, done ? &response : nullptr, field};
  if (const unsigned wanted = setup_.observer == nullptr ? 0 : setup_.observer->Wants(summary)) {
    setup_.observer->Finished(wanted, {.summary = summary,
                                       .transport = "http",
                                       .peer = std::string(call.peer),
                                       .caller = call.caller,
                                       .traceparent = std::string(field("traceparent")),
                                       .request_id = std::string(field("x-request-id")),
                                       .request = request,
                                       .error = done ? "" : done.error().message()});
  }
  if (!done) return HttpError(done.error());
  share->Settle(kCallOctets + static_cast<int64_t>(answer.body.capacity()));
  answer.held = share;
  return answer;
}

HttpAnswer JsonBridge::Answer(const HttpCall& call) const {
  const bool decide = call.path == "/v1/decide";
  if (!decide && call.path != "/v1/follow") {
    return HttpError(
        404, "Expected POST /v1/decide or /v1/follow, or GET /v1/policy or /v1/openapi.json.");
  }
  if (call.method != "POST") return Refused(405, "Expected POST.", "Allow", kMethods);
  if (!IsJson(call.field("content-type"))) {
    return Refused(415, "Expected Content-Type: application/json.", "Accept", "application/json");
  }
  try {
    return decide ? Ask(call, Method::kDecideOverHttp, &RedirectService::Decide)
                  : Ask(call, Method::kFollowOverHttp, &RedirectService::Follow);
  } catch (const std::bad_alloc&) {
    return HttpError(NoMemory());
  }
}

}  // namespace fingerpost

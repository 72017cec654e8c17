#include "server/json_bridge.h"

#include <absl/strings/match.h>

#include <memory>
#include <new>
#include <string>
#include <utility>

#include "core/message/descriptors.h"
#include "core/message/faults.h"
#include "core/message/json.h"
#include "rpc/error_status.h"
#include "server/http/error.h"

namespace fingerpost {
namespace {

// Of a Content-Type with or without parameters. Requiring one keeps web pages out: a browser sends
// these across origins only after a preflight, which this server does not answer.
bool IsType(std::string_view field, std::string_view type) {
  field = field.substr(0, field.find(';'));
  while (!field.empty() && field.back() == ' ') field.remove_suffix(1);
  return absl::EqualsIgnoreCase(absl::string_view(field.data(), field.size()),
                                absl::string_view(type.data(), type.size()));
}

bool IsJson(std::string_view field) { return IsType(field, "application/json"); }

bool IsOctets(std::string_view field) {
  return IsType(field, "application/protobuf") || IsType(field, "application/x-protobuf");
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

message::Done FromOctets(std::string_view octets, google::protobuf::Message& message) {
  if (message.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return {};
  message::Faults faults;
  faults.Error("", "expected the octets of a " + message.GetDescriptor()->full_name());
  return message::Unexpected(ToError(faults));
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
  message::MakeDescriptors();
}

template <typename Request, typename Response, typename Function>
HttpAnswer JsonBridge::Ask(const HttpCall& call, Method method, Format format,
                           Function function) const {
  const HttpReport report(setup_.report, call, method);
  Request request;
  Response response;
  const auto share = std::make_shared<Share>(setup_.budget);
  const bool is_json = format == Format::kJson;
  HttpAnswer answer{.status = 200, .type = is_json ? "application/json" : "application/protobuf"};
  message::Done done;
  try {
    done = Admit(call, callers_, *share)
               .and_then([&] {
                 return is_json ? message::FromJson(call.body, request)
                                : FromOctets(call.body, request);
               })
               .and_then([&] { return function(request, response, *share); });
    if (done && is_json) done = Write(response, *share, answer.body);
  } catch (const std::bad_alloc&) {
    done = message::Unexpected(NoMemory());
  }
  report.Finish(request, done ? &response : nullptr, done ? nullptr : &done.error());
  if (!done) return HttpError(done.error());
  share->Settle(kCallOctets + static_cast<int64_t>(answer.body.capacity()));
  answer.held = share;
  return answer;
}

HttpAnswer JsonBridge::Decide(const HttpCall& call) const {
  return Ask<v1::DecideRequest, v1::DecideResponse>(
      call, Method::kDecideOverHttp, Format::kJson,
      [this](auto& request, auto& response, Share& share) {
        return service_.Decide(request, response, kNoDeadline, &share);
      });
}

HttpAnswer JsonBridge::Follow(const HttpCall& call) const {
  return Ask<v1::FollowRequest, v1::FollowResponse>(
      call, Method::kFollowOverHttp, Format::kJson,
      [this](auto& request, auto& response, Share& share) {
        return service_.Follow(request, response, kNoDeadline, &share);
      });
}

// The answer has no fields, so that its octets are none.
HttpAnswer JsonBridge::Usage(const HttpCall& call, Format format) const {
  return Ask<v1::ReportUsageRequest, v1::ReportUsageResponse>(
      call, Method::kReportUsageOverHttp, format,
      [this](auto& request, auto& /*response*/, Share& /*share*/) {
        return setup_.usage->Report(request);
      });
}

HttpAnswer JsonBridge::Answer(const HttpCall& call) const {
  const bool is_usage = setup_.usage != nullptr && call.path == "/v1/usage";
  if (!is_usage && call.path != "/v1/decide" && call.path != "/v1/follow") {
    return HttpError(404,
                     "Expected POST /v1/decide, /v1/follow or /v1/usage, or GET /v1/policy or "
                     "/v1/openapi.json.");
  }
  if (call.method != "POST") return Refused(405, "Expected POST.", "Allow", kMethods);
  const std::string_view type = call.field("content-type");
  const bool is_octets = is_usage && IsOctets(type);
  if (!is_octets && !IsJson(type)) {
    std::string types = "application/json";
    if (is_usage) types += ", application/protobuf";
    return Refused(415, "Expected Content-Type: " + types + '.', "Accept", types);
  }
  try {
    if (is_usage) return Usage(call, is_octets ? Format::kOctets : Format::kJson);
    return call.path == "/v1/decide" ? Decide(call) : Follow(call);
  } catch (const std::bad_alloc&) {
    return HttpError(NoMemory());
  }
}

}  // namespace fingerpost

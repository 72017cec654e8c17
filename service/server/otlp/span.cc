#include "server/otlp/span.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/message/utf8.h"
#include "fingerpost/v1/redirect_service.pb.h"
#include "server/code_name.h"
#include "server/http/error.h"
#include "version.h"

namespace fingerpost {
namespace {

namespace otel = opentelemetry::proto;
using otel::trace::v1::Span;

constexpr uint32_t kSampled = 1;
constexpr uint32_t kKnowsParent = 0x100;
constexpr uint32_t kParentIsRemote = 0x200;

// The codes that are the server's fault, by the semantic conventions; over HTTP they are 5xx.
constexpr std::array kServerFaults = {grpc::UNKNOWN,  grpc::DEADLINE_EXCEEDED, grpc::UNIMPLEMENTED,
                                      grpc::INTERNAL, grpc::UNAVAILABLE,       grpc::DATA_LOSS};

template <typename Message>
void Add(std::string_view name, std::string_view value, Message& message) {
  if (value.empty()) return;
  auto& attribute = *message.add_attributes();
  attribute.set_key(std::string(name));
  attribute.mutable_value()->set_string_value(std::string(value));
}

void Add(std::string_view name, int64_t value, Span& span) {
  auto& attribute = *span.add_attributes();
  attribute.set_key(std::string(name));
  attribute.mutable_value()->set_int_value(value);
}

void Copy(const v1::DecideResponse& answer, FinishedCall& call) {
  call.outcome = answer.outcome();
  call.status = answer.status();
  call.reason = answer.reason().code();
  call.rule = answer.rule();
  call.policy_version = answer.policy_version();
}

void Copy(const v1::FollowResponse& answer, FinishedCall& call) {
  call.stop = answer.stop().reason();
}

// HTTP/JSON. The spans of other doors, which serve any path, are named by the door.
struct Route {
  Method of;
  std::string_view method;
  std::string_view path;
};
constexpr std::array kRoutes = {
    Route{Method::kDecideOverHttp, "POST", "/v1/decide"},
    Route{Method::kFollowOverHttp, "POST", "/v1/follow"},
    Route{Method::kReportUsageOverHttp, "POST", "/v1/usage"},
    Route{Method::kPolicyOverHttp, "GET", "/v1/policy"},
    Route{Method::kOpenApiOverHttp, "GET", "/v1/openapi.json"},
};

void WriteHttp(const FinishedCall& call, const Route& route, std::string_view scheme, Span& span) {
  span.set_name(std::string(route.method) + ' ' + std::string(route.path));
  Add("http.request.method", route.method, span);
  Add("http.route", route.path, span);
  Add("url.path", route.path, span);
  Add("url.scheme", scheme, span);
  const int status = HttpStatusOf(call.code);
  Add("http.response.status_code", status, span);
  if (status >= 500) Add("error.type", std::to_string(status), span);
}

void WriteRpc(const FinishedCall& call, const MethodInfo& method, Span& span) {
  const std::string name = std::string(method.service) + '/' + std::string(method.name);
  span.set_name(name);
  Add("rpc.system.name", "grpc", span);
  Add("rpc.method", name, span);
  Add("rpc.status_code", CodeName(call.code), span);
  if (call.code != grpc::StatusCode::OK) Add("error.type", CodeName(call.code), span);
}

void WriteCall(const FinishedCall& call, std::string_view http_scheme, Span& span) {
  const MethodInfo& method = kMethods[static_cast<size_t>(call.method)];
  if (method.IsGrpc()) return WriteRpc(call, method, span);
  const auto* route = std::find_if(kRoutes.begin(), kRoutes.end(),
                                   [&](const Route& of) { return of.of == call.method; });
  if (route != kRoutes.end()) return WriteHttp(call, *route, http_scheme, span);
  span.set_name(std::string(method.name));
  if (call.code != grpc::StatusCode::OK) Add("error.type", CodeName(call.code), span);
}

void WriteAnswer(const FinishedCall& call, Span& span) {
  if (call.questions > 0) Add("fingerpost.requests", call.questions, span);
  if (call.outcome != v1::OUTCOME_UNSPECIFIED) {
    Add("fingerpost.outcome", v1::Outcome_Name(call.outcome), span);
    if (call.status != 0) Add("fingerpost.status", call.status, span);
  }
  if (call.reason != v1::REASON_CODE_UNSPECIFIED) {
    Add("fingerpost.reason", v1::ReasonCode_Name(call.reason), span);
  }
  Add("fingerpost.rule", call.rule, span);
  Add("fingerpost.policy_version", call.policy_version, span);
  if (call.stop != v1::STOP_REASON_UNSPECIFIED) {
    Add("fingerpost.stop", v1::StopReason_Name(call.stop), span);
  }
}

template <size_t N>
std::string Octets(const std::array<uint8_t, N>& id) {
  return {id.begin(), id.end()};
}

uint64_t Nanoseconds(std::chrono::system_clock::time_point time) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

using Attributes = std::map<std::string, std::string>;

int DigitOf(char c) {
  const auto lower = static_cast<char>(c | 0x20);
  if (c >= '0' && c <= '9') return c - '0';
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Nullopt: not valid.
std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return {};
    const int high = DigitOf(text[i + 1]);
    const int low = DigitOf(text[i + 2]);
    if (high < 0 || low < 0) return {};
    decoded += static_cast<char>(high << 4 | low);
    i += 2;
  }
  if (!message::IsUtf8(decoded)) return {};
  return decoded;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "key=value,key=value", percent-encoded.
std::optional<Attributes> ParseAttributes(std::string_view text) {
  Attributes found;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view pair = Trimmed(text.substr(begin, end - begin));
    begin = end + 1;
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    if (equals == 0 || equals == std::string_view::npos) return {};
    const auto key = PercentDecoded(Trimmed(pair.substr(0, equals)));
    const auto value = PercentDecoded(Trimmed(pair.substr(equals + 1)));
    if (!key || !value) return {};
    found[*key] = *value;
  }
  return found;
}

}  // namespace

FinishedCall ToFinishedCall(const CallRecord& record) {
  const CallSummary& summary = record.summary;
  FinishedCall call;
  call.trace_state = TraceState(summary.field("tracestate"));
  call.duration = summary.duration;
  call.method = summary.method;
  call.code = summary.code;
  call.questions = record.questions;
  const bool reports =
      call.method == Method::kReportUsage || call.method == Method::kReportUsageOverHttp;
  if (summary.response == nullptr || reports) return call;
  // Only a single question has an answer.
  if (summary.method == Method::kFollow || summary.method == Method::kFollowOverHttp) {
    Copy(static_cast<const v1::FollowResponse&>(*summary.response), call);
  } else {
    Copy(static_cast<const v1::DecideResponse&>(*summary.response), call);
  }
  return call;
}

void WriteSpan(const FinishedCall& call, std::string_view http_scheme, Span& span) {
  const bool has_parent = call.parent != SpanOctets{};
  span.set_trace_id(Octets(call.trace));
  span.set_span_id(Octets(call.span));
  if (has_parent) span.set_parent_span_id(Octets(call.parent));
  span.set_trace_state(call.trace_state);
  span.set_flags(kSampled | kKnowsParent | (has_parent ? kParentIsRemote : 0));
  span.set_kind(Span::SPAN_KIND_SERVER);
  span.set_start_time_unix_nano(Nanoseconds(call.end - call.duration));
  span.set_end_time_unix_nano(Nanoseconds(call.end));
  WriteCall(call, http_scheme, span);
  WriteAnswer(call, span);
  if (std::find(kServerFaults.begin(), kServerFaults.end(), call.code) != kServerFaults.end()) {
    span.mutable_status()->set_code(otel::trace::v1::Status::STATUS_CODE_ERROR);
  }
}

otel::resource::v1::Resource MakeResource(std::string_view service_name,
                                          std::string_view attributes, std::string_view instance) {
  Attributes all = {{"service.name", "fingerpost"},
                    {"service.version", kVersion},
                    {"service.instance.id", std::string(instance)}};
  if (const auto given = ParseAttributes(attributes)) {
    for (const auto& [name, value] : *given) all[name] = value;
  }
  if (!service_name.empty()) all["service.name"] = std::string(service_name);
  otel::resource::v1::Resource resource;
  for (const auto& [name, value] : all) Add(name, value, resource);
  return resource;
}

}  // namespace fingerpost

// A call as a span of OpenTelemetry.
#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <string>
#include <string_view>

#include "opentelemetry/proto/resource/v1/resource.pb.h"
#include "opentelemetry/proto/trace/v1/trace.pb.h"
#include "rpc/call_observer.h"
#include "server/otlp/trace_context.h"

namespace fingerpost {

// What a span says, copied while the call ends; the rest is made in the exporter's thread. It has
// no URL, no field's value and no text of an error.
struct FinishedCall {
  TraceOctets trace{};
  SpanOctets span{};
  SpanOctets parent{};  // all 0: the call begins the trace
  std::string trace_state;
  std::chrono::system_clock::time_point end;
  std::chrono::nanoseconds duration{};
  Method method{};
  grpc::StatusCode code{};
  int questions = 0;  // in a batch
  // Of the answer; none for a batch.
  v1::Outcome outcome{};
  int status = 0;
  v1::ReasonCode reason{};
  v1::StopReason stop{};
  std::string rule;
  std::string policy_version;
};

// All but the ids and the end.
[[nodiscard]] FinishedCall ToFinishedCall(const CallRecord& record);

// `http_scheme`: of the HTTP port.
void WriteSpan(const FinishedCall& call, std::string_view http_scheme,
               opentelemetry::proto::trace::v1::Span& span);

// Describes this process by the variables OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES; an
// invalid list of attributes counts as none. `instance`: the value of service.instance.id.
[[nodiscard]] opentelemetry::proto::resource::v1::Resource MakeResource(
    std::string_view service_name, std::string_view attributes, std::string_view instance);

// The version of the semantic conventions that name the attributes.
inline constexpr char kSchemaUrl[] = "https://opentelemetry.io/schemas/1.45.0";

}  // namespace fingerpost

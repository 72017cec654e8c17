#include "rpc/calls.h"

#include <chrono>
#include <string>

#include "rpc/error_status.h"

namespace fingerpost {
namespace {

// Longer than the server goes on after it has sent calls away: until the connection has ended a
// retry would come here again.
constexpr std::chrono::milliseconds kPushback{800};

// Whether a call can still be answered elsewhere in time; one with a deadline that is nearer is
// answered here.
bool CanWait(const grpc::ServerContext& context) {
  return context.deadline() - std::chrono::system_clock::now() > 2 * kPushback;
}

}  // namespace

grpc::Status Refusal(grpc::ServerContext& context, const CallGate& gate, bool entered) {
  if (gate.leaving && CanWait(context)) {
    // gRFC A6, "pushback".
    context.AddTrailingMetadata("grpc-retry-pushback-ms", std::to_string(kPushback.count()));
    return ShuttingDown();
  }
  if (!gate.callers.Allows(context)) {
    return ToStatus(MakeError(v1::ERROR_REASON_CALLER_NOT_ALLOWED,
                              "The caller's certificate is not on the list of allowed callers."));
  }
  if (!entered) return ToStatus(MakeError(v1::ERROR_REASON_OVERLOADED, "Too many calls at once."));
  if (context.deadline() <= std::chrono::system_clock::now()) {
    return ToStatus(MakeError(v1::ERROR_REASON_DEADLINE_EXCEEDED,
                              "The deadline passed before the work began."));
  }
  return grpc::Status::OK;
}

void CallReport::CountCaller(const grpc::ServerContext& context) const {
  const std::vector<std::string> names = CallerNames(context);
  if (!names.empty()) gate_.caller_counts->Count(names.front());
}

void CallReport::Tell(unsigned wanted, const CallSummary& summary,
                      const grpc::ServerContext& context, const google::protobuf::Message& request,
                      const std::string& error) const {
  const auto metadata = [&context](const char* name) -> std::string {
    const auto found = context.client_metadata().find(name);
    if (found == context.client_metadata().end()) return {};
    return {found->second.data(), found->second.size()};
  };
  gate_.observer->Finished(wanted, {.summary = summary,
                                    .transport = "grpc",
                                    .peer = context.peer(),
                                    .caller = CallerNames(context),
                                    .traceparent = metadata("traceparent"),
                                    .request_id = metadata("x-request-id"),
                                    .request = request,
                                    .error = error});
}

grpc::Status GaveUp(Wait::Why why) {
  if (why == Wait::Why::kFull) {
    return ToStatus(MakeError(v1::ERROR_REASON_OVERLOADED,
                              "Too many calls at once; this stream had waited longest."));
  }
  return {grpc::StatusCode::UNAVAILABLE, "The stream asked nothing for too long: begin another."};
}

grpc::Status ShuttingDown() {
  return ToStatus(MakeError(v1::ERROR_REASON_SHUTTING_DOWN, "The server is shutting down."));
}

}  // namespace fingerpost

#include "rpc/call_gate.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include "rpc/error_status.h"
#include "rpc/redirect_service.h"

namespace fingerpost {
namespace {

// Longer than the server runs after it sends calls away: a retry on the same connection would come
// here again.
constexpr std::chrono::milliseconds kPushback{800};

std::chrono::system_clock::duration TimeLeft(const grpc::ServerContext& context) {
  return context.deadline() - std::chrono::system_clock::now();
}

// Whether another server can still answer the call in time. Calls with nearer deadlines are
// answered here.
bool CanWait(const grpc::ServerContext& context) { return TimeLeft(context) > 2 * kPushback; }

}  // namespace

grpc::Status Refusal(grpc::ServerContext& context, const CallGate& gate, bool entered) {
  if (gate.leaving && CanWait(context)) {
    // gRFC A6, "pushback".
    context.AddTrailingMetadata("grpc-retry-pushback-ms", std::to_string(kPushback.count()));
    return ShuttingDown();
  }
  if (!gate.callers.Allows(context)) {
    return ToStatus(NotAllowed());
  }
  if (!entered) return ToStatus(MakeError(v1::ERROR_REASON_OVERLOADED, "Too many calls at once."));
  if (context.deadline() <= std::chrono::system_clock::now()) {
    return ToStatus(MakeError(v1::ERROR_REASON_DEADLINE_EXCEEDED,
                              "The deadline passed before the work began."));
  }
  return grpc::Status::OK;
}

bool IsHeld(const grpc::ServerContext& context, const CallGate& gate) {
  const int64_t held_above = gate.held_above.load(std::memory_order_relaxed);
  return held_above != std::numeric_limits<int64_t>::max() &&
         TimeLeft(context) > std::chrono::milliseconds(held_above);
}

grpc::Status CallGate::Admit(Share& share, size_t octets, Worker& worker) {
  if (octets > max_message_size) return TooLarge(octets, max_message_size);
  const int64_t wanted = kCallOctets + kInMemory * static_cast<int64_t>(octets);
  const auto is_full = [&] {
    return budget != nullptr && budget->held(Budget::kAll) + wanted > budget->size(Budget::kAll);
  };
  while (wanted <= kSmallCall && is_full() && worker.MakeRoom()) {
    gave_way.fetch_add(1, std::memory_order_relaxed);
  }
  return share.Add(wanted) ? grpc::Status::OK : ToStatus(NoRoom(share));
}

grpc::Status TooLarge(size_t octets, size_t most) {
  return {grpc::StatusCode::RESOURCE_EXHAUSTED, "Received message larger than max (" +
                                                    std::to_string(octets) + " vs. " +
                                                    std::to_string(most) + ")"};
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

// Whether a call may begin: what the calls of all workers have in common.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <atomic>
#include <cstdint>
#include <limits>

#include "rpc/budget.h"
#include "rpc/call_observer.h"
#include "rpc/caller_counts.h"
#include "rpc/callers.h"
#include "rpc/meters.h"
#include "rpc/traffic.h"
#include "rpc/worker.h"

namespace fingerpost {

// What the calls of all workers have in common.
struct CallGate {
  // Calls that may be in progress at once; the next one is told to try again later.
  int max_calls;
  // Who may call.
  AllowedCallers callers{{}};
  // Each may be null.
  Meters* meters = nullptr;
  CallObserver* observer = nullptr;
  CallerCounts* caller_counts = nullptr;
  Traffic* traffic = nullptr;
  Budget* budget = nullptr;
  // Octets of a question.
  size_t max_message_size = size_t{1} << 20;
  // Whether new calls that have the time are told to go elsewhere.
  std::atomic<bool> leaving{false};
  // New calls that have more time left than this, in milliseconds, wait for Worker::Release().
  std::atomic<int64_t> held_above{std::numeric_limits<int64_t>::max()};
  std::atomic<int> calls{0};
  // Calls that gave their place to another one, and that waited too long for their client.
  std::atomic<uint64_t> gave_way{0};
  std::atomic<uint64_t> timed_out{0};

  // Whether the call may begin; if so, Leave() ends it.
  [[nodiscard]] bool Enter() {
    if (calls.fetch_add(1, std::memory_order_relaxed) < max_calls) return true;
    Leave();
    return false;
  }
  void Leave() { calls.fetch_sub(1, std::memory_order_relaxed); }

  // As Enter(); where there is no room, a call that waits for its client gives up its place.
  [[nodiscard]] bool Enter(Worker& worker) {
    if (Enter()) return true;
    if (!worker.MakeRoom()) return false;
    gave_way.fetch_add(1, std::memory_order_relaxed);
    return Enter();
  }

  // Whether a question of so many octets is allowed and has room; what is not OK says why not.
  // For a short one, calls that wait for their client give up their places.
  [[nodiscard]] grpc::Status Admit(Share& share, size_t octets, Worker& worker);

  // Where what the call's connection asks is summed up; null: nowhere.
  [[nodiscard]] Traffic::Sum* AskedBy(const grpc::ServerContext& context) const {
    return traffic == nullptr ? nullptr : &traffic->Of(context);
  }
};

// Why a call that has been accepted is not worked on; OK: it is.
// `entered` is what `gate` said.
[[nodiscard]] grpc::Status Refusal(grpc::ServerContext& context, const CallGate& gate,
                                   bool entered);
// Whether a call that is worked on waits for Worker::Release() first.
[[nodiscard]] bool IsHeld(const grpc::ServerContext& context, const CallGate& gate);
[[nodiscard]] grpc::Status ShuttingDown();
// A message of so many octets where there may be `most`, in gRPC's own words.
[[nodiscard]] grpc::Status TooLarge(size_t octets, size_t most);
// Why a stream that waited for a question is over.
[[nodiscard]] grpc::Status GaveUp(Wait::Why why);

}  // namespace fingerpost

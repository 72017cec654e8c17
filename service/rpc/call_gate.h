// Decides whether a call may begin.
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

// Shared by the calls of all workers.
struct CallGate {
  // Most calls in progress at once; further ones are told to try again later.
  int max_calls;
  // The allowed callers.
  AllowedCallers callers{{}};
  // Each may be null.
  Meters* meters = nullptr;
  CallObserver* observer = nullptr;
  CallerCounts* caller_counts = nullptr;
  Traffic* traffic = nullptr;
  Budget* budget = nullptr;
  // Most octets of a question.
  size_t max_message_size = size_t{1} << 20;
  // Whether new calls that have the time are sent elsewhere.
  std::atomic<bool> leaving{false};
  // New calls with more milliseconds left than this wait for Worker::Release().
  std::atomic<int64_t> held_above{std::numeric_limits<int64_t>::max()};
  std::atomic<int> calls{0};
  // Calls that gave up their place to another, and calls that waited too long for their client.
  std::atomic<uint64_t> gave_way{0};
  std::atomic<uint64_t> timed_out{0};

  // Whether the call may begin; if so, call Leave() at its end.
  [[nodiscard]] bool Enter() {
    if (calls.fetch_add(1, std::memory_order_relaxed) < max_calls) return true;
    Leave();
    return false;
  }
  void Leave() { calls.fetch_sub(1, std::memory_order_relaxed); }

  // Like Enter(); without room, a call that waits for its client gives up its place.
  [[nodiscard]] bool Enter(Worker& worker) {
    if (Enter()) return true;
    if (!worker.MakeRoom()) return false;
    gave_way.fetch_add(1, std::memory_order_relaxed);
    return Enter();
  }

  // OK if a question of so many octets is allowed and has room. For a short question, calls that
  // wait for their client give up their places.
  [[nodiscard]] grpc::Status Admit(Share& share, size_t octets, Worker& worker);

  // The sum for the call's connection; null: none.
  [[nodiscard]] Traffic::Sum* AskedBy(const grpc::ServerContext& context) const {
    return traffic == nullptr ? nullptr : &traffic->Of(context);
  }
};

// Why an accepted call is refused; OK: it is not. `entered` is the result of gate.Enter().
[[nodiscard]] grpc::Status Refusal(grpc::ServerContext& context, const CallGate& gate,
                                   bool entered);
// Whether a call waits for Worker::Release() before it is answered.
[[nodiscard]] bool IsHeld(const grpc::ServerContext& context, const CallGate& gate);
[[nodiscard]] grpc::Status ShuttingDown();
// For a message of so many octets where `most` are allowed; in gRPC's own words.
[[nodiscard]] grpc::Status TooLarge(size_t octets, size_t most);
// Why a stream that waited for a question ends.
[[nodiscard]] grpc::Status GaveUp(Wait::Why why);

}  // namespace fingerpost

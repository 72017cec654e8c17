// RedirectService and grpc.health.v1.Health on gRPC: completion queues with one thread each, which
// is what costs least per call.
#pragma once

#include <grpcpp/server_builder.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "rpc/budget.h"
#include "rpc/call_observer.h"
#include "rpc/caller_counts.h"
#include "rpc/meters.h"
#include "rpc/redirect_service.h"
#include "rpc/traffic.h"
#include "rpc/worker.h"

namespace fingerpost {

struct GrpcServerOptions {
  int threads = 1;                            // completion queues, with one thread each; 1 to 256
  int max_calls = 10000;                      // in progress at once, streams included
  size_t max_message_size = size_t{1} << 20;  // octets of a request; the builder allows them, too
  std::vector<std::string> allow_callers;     // see AllowedCallers; health is for everybody
  Patience patience;                          // with clients; watches of the health may wait
  bool envoy = false;                         // serve envoy.service.auth.v3.Authorization, too
  // Each may be null; they outlive the server.
  Meters* meters = nullptr;
  CallObserver* observer = nullptr;
  CallerCounts* caller_counts = nullptr;
  Traffic* traffic = nullptr;
  Budget* budget = nullptr;
};

// In this order: construct, Register, BuildAndStart of the builder, Start; then Drain, Goaway,
// Release, Shutdown of the grpc::Server, Stop.
class GrpcServer {
 public:
  GrpcServer(const RedirectService& service, const GrpcServerOptions& options);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  void Register(grpc::ServerBuilder& builder);
  // Health says SERVING from now on.
  void Start();
  // What health says, of "" and of fingerpost.v1.RedirectService.
  void SetServing(bool serving);
  // New calls are UNAVAILABLE from now on, to be tried again when their connection has ended, but
  // for those whose deadline is too near.
  void SendAway();
  // New unary calls that have more time left than this wait for Release(). No client that waits for
  // its answer before it asks again has a call under way then, and GOAWAY reaches it before the
  // answer.
  void Hold(std::chrono::milliseconds more_than);
  void Release();
  // Streams that wait for a question and health watches end with UNAVAILABLE, other streams after
  // their answer.
  void Drain();
  // Returns when no thread is left.
  void Stop();
  // Calls in progress now, streams included.
  [[nodiscard]] int calls() const;
  // How long the threads have worked on answers since the start, together.
  [[nodiscard]] std::chrono::nanoseconds Answering() const;
  // Calls that gave their place to another at max_calls, and that waited too long for their client.
  [[nodiscard]] uint64_t gave_way() const;
  [[nodiscard]] uint64_t timed_out() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fingerpost

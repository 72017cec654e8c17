// RedirectService, PolicyService and grpc.health.v1.Health on gRPC: completion queues with one
// thread each, which cost the least per call.
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
#include "rpc/policy_news.h"
#include "rpc/policy_watch.h"
#include "rpc/redirect_service.h"
#include "rpc/traffic.h"
#include "rpc/usage_service.h"
#include "rpc/worker.h"

namespace fingerpost {

struct GrpcServerOptions {
  int threads = 1;                            // completion queues, with one thread each; 1 to 256
  int max_calls = 10000;                      // in progress at once, streams included
  size_t max_message_size = size_t{1} << 20;  // octets of a request; the builder allows them, too
  std::vector<std::string> allow_callers;     // see AllowedCallers; everybody may ask for health
  Patience patience;                          // with clients, except health watches
  bool envoy = false;                         // serve envoy.service.auth.v3.Authorization, too
  // Each may be null, and must outlive the server. Without `usage` no reports are taken.
  UsageService* usage = nullptr;
  Meters* meters = nullptr;
  CallObserver* observer = nullptr;
  CallerCounts* caller_counts = nullptr;
  Traffic* traffic = nullptr;
  Budget* budget = nullptr;
  PolicyNews* news = nullptr;
  int most_watchers = kMostWatchers;  // of the policy, at once
};

// Call in this order: construct, Register, BuildAndStart of the builder, Start; then Drain, Goaway,
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
  // Sets the health of "" and of fingerpost.v1.RedirectService.
  void SetServing(bool serving);
  // From now on new calls are UNAVAILABLE, to be retried after their connection has ended, except
  // calls whose deadline is too near.
  void SendAway();
  // From now on new unary calls with more time left than this wait for Release(). A client that
  // waits for its answer before it asks again then has no call in transit, and GOAWAY reaches it
  // before the answer.
  void Hold(std::chrono::milliseconds more_than);
  void Release();
  // Ends streams that wait for a question and watches with UNAVAILABLE, and other streams after
  // their answer.
  void Drain();
  // Returns when all threads have ended.
  void Stop();
  // Calls in progress now, streams included.
  [[nodiscard]] int calls() const;
  // The time that all threads together have worked on answers since the start.
  [[nodiscard]] std::chrono::nanoseconds Answering() const;
  // Calls that gave up their place to another at max_calls, and calls that waited too long for
  // their client.
  [[nodiscard]] uint64_t gave_way() const;
  [[nodiscard]] uint64_t timed_out() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fingerpost

// PolicyService.WatchPolicy on our own workers, as rpc/health.h.
#pragma once

#include <memory>
#include <vector>

#include "fingerpost/v1/policy_service.grpc.pb.h"
#include "rpc/call_gate.h"
#include "rpc/policy_news.h"
#include "rpc/worker.h"

namespace fingerpost {

// Every method with its messages as octets.
using AsyncPolicyService = v1::PolicyService::WithRawMethod_WatchPolicy<
    v1::PolicyService::WithRawMethod_ReportUsage<v1::PolicyService::Service>>;

// Streams at once. They stay, so they take none of the places of other calls.
inline constexpr int kMostWatchers = 4096;
// Octets of a policy in one message; larger ones are watched in parts.
inline constexpr size_t kMostHandedOut = size_t{10} << 20;

class PolicyWatch {
 public:
  // Takes callers, budget and observers from `gate`. All must outlive it; `news` may be null:
  // nothing is handed out.
  PolicyWatch(AsyncPolicyService& service, PolicyNews* news, int most_watchers, CallGate& gate);
  ~PolicyWatch();
  PolicyWatch(const PolicyWatch&) = delete;
  PolicyWatch& operator=(const PolicyWatch&) = delete;

  // Call once for each worker, before it starts.
  void Listen(Worker& worker);
  // Call after the last Listen(), and before the workers stop.
  void Start();
  void Stop();

 private:
  class OnWorker;

  AsyncPolicyService& service_;
  PolicyNews* const news_;
  const int most_watchers_;
  CallGate& gate_;
  std::vector<std::unique_ptr<OnWorker>> workers_;
};

}  // namespace fingerpost

// PolicyService.WatchPolicy on our own workers, as rpc/health.h.
#pragma once

#include <memory>
#include <vector>

#include "fingerpost/v1/policy_service.grpc.pb.h"
#include "rpc/call_gate.h"
#include "rpc/worker.h"

namespace fingerpost {

// Every method with its messages as octets.
using AsyncPolicyService = v1::PolicyService::WithRawMethod_WatchPolicy<
    v1::PolicyService::WithRawMethod_ReportUsage<v1::PolicyService::Service>>;

class PolicyWatch {
 public:
  // Takes callers, budget and observers from `gate`, which must outlive it.
  PolicyWatch(AsyncPolicyService& service, CallGate& gate);
  ~PolicyWatch();
  PolicyWatch(const PolicyWatch&) = delete;
  PolicyWatch& operator=(const PolicyWatch&) = delete;

  // Call once for each worker, before it starts.
  void Listen(Worker& worker);

 private:
  class OnWorker;

  AsyncPolicyService& service_;
  CallGate& gate_;
  std::vector<std::unique_ptr<OnWorker>> workers_;
};

}  // namespace fingerpost

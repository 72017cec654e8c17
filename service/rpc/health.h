// grpc.health.v1.Health on our own workers.
//
// gRPC's own implementation polls with threads of its own, which then also handle a part of the
// connections: every call on those changes threads, and costs a fifth more. And its Watch holds a
// drain up to its deadline.
#pragma once

#include <grpcpp/server_builder.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grpc/health/v1/health.pb.h"
#include "rpc/traffic.h"
#include "rpc/worker.h"

namespace fingerpost {

class HealthService {
 public:
  // The services that stand and fall together; "" is the server.
  explicit HealthService(std::vector<std::string> names);
  ~HealthService();
  HealthService(const HealthService&) = delete;
  HealthService& operator=(const HealthService&) = delete;

  // Before Listen(): calls are counted there, too. May be null.
  void CountIn(Traffic* traffic);
  void Register(grpc::ServerBuilder& builder);
  // Once for each worker, before it starts.
  void Listen(Worker& worker);

  // From any thread; watchers learn of it. At first: not serving.
  void SetServing(bool serving);
  [[nodiscard]] grpc::health::v1::HealthCheckResponse::ServingStatus StatusOf(
      std::string_view name) const;

 private:
  class OnWorker;

  class Service;
  const std::vector<std::string> names_;
  std::atomic<bool> serving_{false};
  std::unique_ptr<Service> service_;
  std::vector<std::unique_ptr<OnWorker>> workers_;
};

}  // namespace fingerpost

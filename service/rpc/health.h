// grpc.health.v1.Health on our own workers.
//
// gRPC's own implementation polls with additional threads, which then also handle some of the
// connections: every call on these changes threads and costs a fifth more. And its Watch delays a
// drain until its deadline.
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
  // The services that share one status; "" is the server.
  explicit HealthService(std::vector<std::string> names);
  ~HealthService();
  HealthService(const HealthService&) = delete;
  HealthService& operator=(const HealthService&) = delete;

  // Call before Listen(). Counts the calls in `traffic`, too; may be null.
  void CountIn(Traffic* traffic);
  void Register(grpc::ServerBuilder& builder);
  // Call once for each worker, before it starts.
  void Listen(Worker& worker);

  // Thread-safe; tells watchers. Initially not serving.
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

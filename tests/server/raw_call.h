// Calls with raw bytes: undecodable messages, and services with foreign messages.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fingerpost::testing {

// Long enough for the slowest machine; a test that waits this long has failed.
inline constexpr std::chrono::seconds kPatience{30};

// One call of any method: sends one message, reads any number.
class RawCall {
 public:
  RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
          const std::string& message);
  ~RawCall();
  RawCall(const RawCall&) = delete;
  RawCall& operator=(const RawCall&) = delete;

  // The next message, or nullopt at the end.
  std::optional<std::string> Read();
  // Reads the rest. Returns the status, with details in error_details().
  grpc::Status Finish();

 private:
  bool Next();

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

// Field paths of google.rpc.BadRequest in the status, in order.
[[nodiscard]] std::vector<std::string> WrongFields(const grpc::Status& status);
// google.rpc.ErrorInfo.reason, or "".
[[nodiscard]] std::string ReasonOf(const grpc::Status& status);
[[nodiscard]] bool HasRetryInfo(const grpc::Status& status);

// grpc.health.v1.HealthCheckRequest on the wire, and the status in HealthCheckResponse.
[[nodiscard]] std::string HealthRequest(const std::string& service);
enum class Health { kUnknown = 0, kServing = 1, kNotServing = 2, kServiceUnknown = 3 };
[[nodiscard]] Health HealthOf(const std::string& response);

}  // namespace fingerpost::testing

// A connection to a Fingerpost server, with unchecked answers. Most programs want client.h, which
// checks answers and has a fallback.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fingerpost/v1/redirect_service.grpc.pb.h"

namespace fingerpost {

// How the connection is protected. There is no default: it must be chosen explicitly.
class Transport {
 public:
  // Everything in PEM.
  struct Certificates {
    // Who may sign the server's certificate. Empty: the system's roots.
    std::string roots;
    // The client's own certificate and its key, for a server that asks for one (mutual TLS).
    std::string certificate;
    std::string key;
    // The name that the server's certificate must have. Empty: the target's host.
    std::string server_name;
  };

  static Transport Tls(const Certificates& certificates);
  // Anybody on the network path can read and change everything.
  static Transport Plaintext();

  // Made anew each time: gRPC's credentials start its threads, which a fork would lose.
  [[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> credentials() const;
  [[nodiscard]] std::string server_name() const {
    return certificates_ ? certificates_->server_name : "";
  }

 private:
  explicit Transport(std::optional<Certificates> certificates)
      : certificates_(std::move(certificates)) {}

  std::optional<Certificates> certificates_;
};

// An answer takes microseconds; a waiting user is better served without a late one.
inline constexpr std::chrono::milliseconds kDecideTimeout{100};
inline constexpr std::chrono::milliseconds kFollowTimeout{250};
// A connection takes longer than an answer.
inline constexpr std::chrono::milliseconds kConnectTimeout{1000};

// How one call is made.
struct CallOptions {
  // From the start of the call to its end, connecting and the one retry included. Default: the
  // method's, as above; a batch has that of its questions.
  std::optional<std::chrono::milliseconds> timeout = {};
  // Sent with the call: {"traceparent", "00-..."}. Names in lower case.
  std::vector<std::pair<std::string, std::string>> metadata = {};
};

// What ends a wait for a connection before its time is up.
enum class Until { kConnected, kConnectedOrRefused };

// Where answers come from: a server, or a test's fake (testing.h). Thread-safe.
class Answerer {
 public:
  Answerer() = default;
  virtual ~Answerer() = default;
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;

  // Each false: `error` says why, `out` is unspecified. error.code is the gRPC code's name:
  // INVALID_ARGUMENT (error.violations has every wrong field), UNAVAILABLE (the server cannot be
  // reached; nothing was answered), DEADLINE_EXCEEDED, FAILED_PRECONDITION (after Close), ...
  [[nodiscard]] virtual bool Decide(const v1::DecideRequest& request, v1::DecideResponse& out,
                                    v1::Error& error, const CallOptions& options = {}) const = 0;
  [[nodiscard]] virtual bool Follow(const v1::FollowRequest& request, v1::FollowResponse& out,
                                    v1::Error& error, const CallOptions& options = {}) const = 0;
  // Connects, waits, and says whether it is connected. A fake always is.
  [[nodiscard]] virtual bool Ready(std::chrono::milliseconds /*timeout*/, Until /*until*/) const {
    return true;
  }
  // Later calls fail. May be called again.
  virtual void Close() {}
};

// One for a process. The channel is made on first use, so that a server may make its connection
// before it forks; a process that has used gRPC already must not fork (gRPC's own limit).
class Connection : public Answerer {
 public:
  // `target` as gRPC names servers: "localhost:50051", "dns:///name:port", "unix:/path".
  Connection(std::string target, Transport transport);

  [[nodiscard]] bool Decide(const v1::DecideRequest& request, v1::DecideResponse& out,
                            v1::Error& error, const CallOptions& options = {}) const override;
  [[nodiscard]] bool Follow(const v1::FollowRequest& request, v1::FollowResponse& out,
                            v1::Error& error, const CallOptions& options = {}) const override;
  [[nodiscard]] bool BatchDecide(const v1::BatchDecideRequest& request,
                                 v1::BatchDecideResponse& out, v1::Error& error,
                                 const CallOptions& options = {}) const;
  [[nodiscard]] bool BatchFollow(const v1::BatchFollowRequest& request,
                                 v1::BatchFollowResponse& out, v1::Error& error,
                                 const CallOptions& options = {}) const;
  // Whether `service` takes requests; "" is the server as a whole. Uses a separate connection,
  // because the usual one avoids servers that do not serve.
  [[nodiscard]] bool IsServing(const std::string& service, bool& out, v1::Error& error,
                               const CallOptions& options = {}) const;

  [[nodiscard]] bool Ready(std::chrono::milliseconds timeout, Until until) const override;

  // For everything else, for example the streams. Null after Close.
  [[nodiscard]] std::shared_ptr<grpc::Channel> channel() const;

  // Releases the connection when the calls in progress are done.
  void Close() override;

 private:
  const std::string target_;
  const Transport transport_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<grpc::Channel> channel_;
  bool closed_ = false;
};

}  // namespace fingerpost

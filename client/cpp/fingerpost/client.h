// The Fingerpost client for C++.
//
//   fingerpost::Client client("dns:///fingerpost:50051", fingerpost::Transport::Tls({}));
//   fingerpost::v1::DecideResponse answer;
//   fingerpost::v1::Error error;
//   if (!client.Decide(request, answer, error)) ...
//
// One client for a process: it is thread-safe and holds one connection per server address, made at
// the first call. Every call has a deadline. A REFUSE and a stop are answers, not errors.
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

// How the connection is protected. There is no default: somebody must have chosen.
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
  // Anybody on the way can read and change everything.
  static Transport Plaintext();

  [[nodiscard]] const std::shared_ptr<grpc::ChannelCredentials>& credentials() const {
    return credentials_;
  }
  [[nodiscard]] const std::string& server_name() const { return server_name_; }

 private:
  Transport(std::shared_ptr<grpc::ChannelCredentials> credentials, std::string server_name)
      : credentials_(std::move(credentials)), server_name_(std::move(server_name)) {}

  std::shared_ptr<grpc::ChannelCredentials> credentials_;
  std::string server_name_;
};

// An answer takes microseconds; a caller with a user waiting is better off without a later one.
inline constexpr std::chrono::milliseconds kDecideTimeout{100};
inline constexpr std::chrono::milliseconds kFollowTimeout{250};

// How one call is made.
struct CallOptions {
  // From the start of the call to its end, connecting and the one retry included. Default: the
  // method's, as above; a batch's is that of its questions.
  std::optional<std::chrono::milliseconds> timeout = {};
  // Sent with the call: {"traceparent", "00-..."}. Names in lower case.
  std::vector<std::pair<std::string, std::string>> metadata = {};
};

class Client {
 public:
  // `target` as gRPC names servers: "localhost:50051", "dns:///name:port", "unix:/path".
  Client(std::string target, Transport transport);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Each false: `error` says why, `out` is unspecified. error.code is the gRPC code's name:
  // INVALID_ARGUMENT (error.violations has every wrong field), UNAVAILABLE (the server cannot be
  // reached; nothing was answered), DEADLINE_EXCEEDED, FAILED_PRECONDITION (after Close), ...
  [[nodiscard]] bool Decide(const v1::DecideRequest& request, v1::DecideResponse& out,
                            v1::Error& error, const CallOptions& options = {}) const;
  [[nodiscard]] bool Follow(const v1::FollowRequest& request, v1::FollowResponse& out,
                            v1::Error& error, const CallOptions& options = {}) const;
  [[nodiscard]] bool BatchDecide(const v1::BatchDecideRequest& request,
                                 v1::BatchDecideResponse& out, v1::Error& error,
                                 const CallOptions& options = {}) const;
  [[nodiscard]] bool BatchFollow(const v1::BatchFollowRequest& request,
                                 v1::BatchFollowResponse& out, v1::Error& error,
                                 const CallOptions& options = {}) const;
  // Whether `service` takes requests; "" is the server as a whole. By a connection of its own: the
  // client's own one avoids servers that say no.
  [[nodiscard]] bool IsServing(const std::string& service, bool& out, v1::Error& error,
                               const CallOptions& options = {}) const;

  // For what is not above, the streams for example. Null after Close.
  [[nodiscard]] std::shared_ptr<grpc::Channel> channel() const;

  // Lets the connection go when the calls in progress are done. Later calls fail. May be called
  // again.
  void Close();

 private:
  const std::string target_;
  const Transport transport_;
  mutable std::mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace fingerpost

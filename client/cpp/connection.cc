#include "fingerpost/connection.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>

#include <algorithm>

#include "call_error.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "sendable.h"
#include "shared_files.h"
#include "version.h"

namespace fingerpost {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// The answer to a full batch with explanations is larger than gRPC's 4 MiB.
constexpr int kMaxAnswerBytes = 64 << 20;

// A ping each half minute keeps middleboxes from closing an idle connection.
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 5'000;

// With gRPC's default of two minutes, a client would avoid a service long after its return.
constexpr int kMaxReconnectBackoffMs = 5'000;

// A name is resolved again at most this often. gRPC's default of 30 s is longer than a rollout
// takes to replace every server.
constexpr int kResolutionMs = 1'000;

// The longest time that std::chrono can add to the current one.
constexpr std::chrono::hours kLongestTimeout{24 * 24};

std::shared_ptr<grpc::Channel> Connect(const std::string& target, const Transport& transport,
                                       grpc::ChannelArguments arguments) {
  arguments.SetUserAgentPrefix(std::string("fingerpost-cpp/") + kVersion);
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  if (!transport.server_name().empty()) {
    arguments.SetSslTargetNameOverride(transport.server_name());
  }
  return grpc::CreateCustomChannel(target, transport.credentials(), arguments);
}

std::chrono::system_clock::time_point In(std::chrono::milliseconds timeout) {
  return std::chrono::system_clock::now() +
         std::min<std::chrono::milliseconds>(timeout, kLongestTimeout);
}

template <typename Stub, typename Request, typename Response>
bool Call(const std::shared_ptr<grpc::Channel>& channel,
          grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
          const Request& request, Response& out, v1::Error& error, const CallOptions& options,
          std::chrono::milliseconds timeout) {
  if (channel == nullptr) {
    error = ToError({grpc::StatusCode::FAILED_PRECONDITION, "the client is closed"});
    return false;
  }
  if (!CheckSendable(request, error)) return false;
  grpc::ClientContext context;
  context.set_deadline(In(options.timeout.value_or(timeout)));
  for (const auto& [name, value] : options.metadata) context.AddMetadata(name, value);
  Stub stub(channel);
  const grpc::Status status = (stub.*method)(&context, request, &out);
  if (!status.ok()) error = ToError(status);
  return status.ok();
}

}  // namespace

Transport Transport::Tls(const Certificates& certificates) { return Transport(certificates); }

Transport Transport::Plaintext() { return Transport(std::nullopt); }

std::shared_ptr<grpc::ChannelCredentials> Transport::credentials() const {
  if (!certificates_) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = certificates_->roots;
  options.pem_cert_chain = certificates_->certificate;
  options.pem_private_key = certificates_->key;
  return grpc::SslCredentials(options);
}

Connection::Connection(std::string target, Transport transport)
    : target_(std::move(target)), transport_(std::move(transport)) {}

std::shared_ptr<grpc::Channel> Connection::channel() const {
  const std::lock_guard lock(mutex_);
  if (channel_ == nullptr && !closed_) {
    grpc::ChannelArguments arguments;
    arguments.SetServiceConfigJSON(kServiceConfig);
    arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, kResolutionMs);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectBackoffMs);
    channel_ = Connect(target_, transport_, arguments);
  }
  return channel_;
}

void Connection::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  channel_.reset();
}

bool Connection::Ready(std::chrono::milliseconds timeout, Until until) const {
  const auto channel = this->channel();
  if (channel == nullptr) return false;
  const auto deadline = In(timeout);
  for (;;) {
    const grpc_connectivity_state state = channel->GetState(true);
    if (state == GRPC_CHANNEL_READY) return true;
    if (until == Until::kConnectedOrRefused && state == GRPC_CHANNEL_TRANSIENT_FAILURE)
      return false;
    if (!channel->WaitForStateChange(state, deadline)) return false;
  }
}

bool Connection::Decide(const v1::DecideRequest& request, v1::DecideResponse& out, v1::Error& error,
                        const CallOptions& options) const {
  return Call(channel(), &v1::RedirectService::Stub::Decide, request, out, error, options,
              kDecideTimeout);
}

bool Connection::Follow(const v1::FollowRequest& request, v1::FollowResponse& out, v1::Error& error,
                        const CallOptions& options) const {
  return Call(channel(), &v1::RedirectService::Stub::Follow, request, out, error, options,
              kFollowTimeout);
}

bool Connection::BatchDecide(const v1::BatchDecideRequest& request, v1::BatchDecideResponse& out,
                             v1::Error& error, const CallOptions& options) const {
  return Call(channel(), &v1::RedirectService::Stub::BatchDecide, request, out, error, options,
              kDecideTimeout);
}

bool Connection::BatchFollow(const v1::BatchFollowRequest& request, v1::BatchFollowResponse& out,
                             v1::Error& error, const CallOptions& options) const {
  return Call(channel(), &v1::RedirectService::Stub::BatchFollow, request, out, error, options,
              kFollowTimeout);
}

bool Connection::IsServing(const std::string& service, bool& out, v1::Error& error,
                           const CallOptions& options) const {
  HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  const auto channel = this->channel() == nullptr ? nullptr : Connect(target_, transport_, {});
  if (!Call(channel, &Health::Stub::Check, request, response, error, options, kFollowTimeout)) {
    return false;
  }
  out = response.status() == HealthCheckResponse::SERVING;
  return true;
}

}  // namespace fingerpost

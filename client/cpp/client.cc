#include "fingerpost/client.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>

#include "call_error.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "service_config.h"
#include "version.h"

namespace fingerpost {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// The answer to a full batch with explanations is larger than gRPC's 4 MiB.
constexpr int kMaxAnswerBytes = 64 << 20;

std::shared_ptr<grpc::Channel> Connect(const std::string& target, const Transport& transport,
                                       grpc::ChannelArguments arguments) {
  arguments.SetUserAgentPrefix(std::string("fingerpost-cpp/") + kVersion);
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  if (!transport.server_name().empty()) {
    arguments.SetSslTargetNameOverride(transport.server_name());
  }
  return grpc::CreateCustomChannel(target, transport.credentials(), arguments);
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
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + options.timeout.value_or(timeout));
  for (const auto& [name, value] : options.metadata) context.AddMetadata(name, value);
  Stub stub(channel);
  const grpc::Status status = (stub.*method)(&context, request, &out);
  if (!status.ok()) error = ToError(status);
  return status.ok();
}

}  // namespace

Transport Transport::Tls(const Certificates& certificates) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = certificates.roots;
  options.pem_cert_chain = certificates.certificate;
  options.pem_private_key = certificates.key;
  return {grpc::SslCredentials(options), certificates.server_name};
}

Transport Transport::Plaintext() { return {grpc::InsecureChannelCredentials(), ""}; }

Client::Client(std::string target, Transport transport)
    : target_(std::move(target)), transport_(std::move(transport)) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  channel_ = Connect(target_, transport_, std::move(arguments));
}

Client::~Client() = default;

std::shared_ptr<grpc::Channel> Client::channel() const {
  const std::lock_guard lock(mutex_);
  return channel_;
}

void Client::Close() {
  const std::lock_guard lock(mutex_);
  channel_.reset();
}

bool Client::Decide(const v1::DecideRequest& request, v1::DecideResponse& out, v1::Error& error,
                    const CallOptions& options) const {
  return Call(channel(), &v1::RedirectService::Stub::Decide, request, out, error, options,
              kDecideTimeout);
}

bool Client::Follow(const v1::FollowRequest& request, v1::FollowResponse& out, v1::Error& error,
                    const CallOptions& options) const {
  return Call(channel(), &v1::RedirectService::Stub::Follow, request, out, error, options,
              kFollowTimeout);
}

bool Client::BatchDecide(const v1::BatchDecideRequest& request, v1::BatchDecideResponse& out,
                         v1::Error& error, const CallOptions& options) const {
  return Call(channel(), &v1::RedirectService::Stub::BatchDecide, request, out, error, options,
              kDecideTimeout);
}

bool Client::BatchFollow(const v1::BatchFollowRequest& request, v1::BatchFollowResponse& out,
                         v1::Error& error, const CallOptions& options) const {
  return Call(channel(), &v1::RedirectService::Stub::BatchFollow, request, out, error, options,
              kFollowTimeout);
}

bool Client::IsServing(const std::string& service, bool& out, v1::Error& error,
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

#include "server/self_check.h"

#include <grpcpp/create_channel.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <memory>
#include <string_view>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/listener.h"

namespace fingerpost {
namespace {

using Clock = std::chrono::steady_clock;

// The age of a result, and the duration of a try, at most.
constexpr std::chrono::seconds kAge{1};
constexpr std::chrono::seconds kPatience{1};

// The address at which this process reaches the listener on `address`.
std::string Reachable(const std::string& address) {
  if (address.starts_with(kSocketScheme)) return address;
  const size_t colon = address.rfind(':');
  const std::string host = address.substr(0, colon);
  if (host == "0.0.0.0") return "127.0.0.1" + address.substr(colon);
  if (host == "[::]") return "[::1]" + address.substr(colon);
  return address;
}

bool AnswersHealth(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // A separate connection.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto stub = grpc::health::v1::Health::NewStub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  grpc::health::v1::HealthCheckResponse response;
  return stub->Check(&context, {}, &response).ok();
}

// A connected socket with time limits; -1 on failure.
int Connect(const std::string& address) {
  const timeval limit{.tv_sec = kPatience.count(), .tv_usec = 0};
  const auto limited = [&limit](int family) {
    const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return fd;
  };
  const auto connected = [](int fd, const sockaddr* to, socklen_t size) {
    if (connect(fd, to, size) == 0) return fd;
    close(fd);
    return -1;
  };
  if (address.starts_with(kSocketScheme)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    address.copy(at.sun_path, sizeof at.sun_path - 1, kSocketScheme.size());
    return connected(limited(AF_UNIX), reinterpret_cast<const sockaddr*>(&at), sizeof at);
  }
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found) != 0) return -1;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> guard(found, freeaddrinfo);
  return connected(limited(found->ai_family), found->ai_addr, found->ai_addrlen);
}

bool ShakesHands(const std::string& address) {
  const int fd = Connect(address);
  if (fd < 0) return false;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
  constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(tls.get(), kHttp2, sizeof kHttp2);
  SSL_set_fd(tls.get(), fd);
  // The server's answer holds its certificate; a request for the client's comes later.
  (void)SSL_connect(tls.get());
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      SSL_get1_peer_certificate(tls.get()), X509_free);
  ERR_clear_error();
  close(fd);
  return certificate != nullptr;
}

}  // namespace

SelfCheck::SelfCheck(const std::string& address, bool tls)
    : address_(Reachable(address)), tls_(tls), tried_(Clock::now() - 2 * kAge) {}

bool SelfCheck::Try() const { return tls_ ? ShakesHands(address_) : AnswersHealth(address_); }

bool SelfCheck::Passes() {
  const std::lock_guard lock(mutex_);
  if (Clock::now() - tried_ >= kAge) {
    passed_ = Try();
    tried_ = Clock::now();
  }
  return passed_;
}

}  // namespace fingerpost

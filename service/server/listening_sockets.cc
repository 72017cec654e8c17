#include "server/listening_sockets.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "server/failure.h"
#include "server/listener.h"

namespace fingerpost {
namespace {

// Octets of each connection that the kernel keeps until gRPC reads them. Few, because gRPC
// processes all it finds before it turns to other connections.
constexpr int kReceiveBuffer = 128 << 10;

void SetOption(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof value);
}

// A listening TCP socket; -1 with errno otherwise.
int ListenOn(const sockaddr* address, socklen_t size) {
  const int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  // Connections inherit these.
  SetOption(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (address->sa_family == AF_INET6) SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (bind(fd, address, size) == 0 && listen(fd, SOMAXCONN) == 0) return fd;
  const int fault = errno;
  close(fd);
  errno = fault;
  return -1;
}

int PortOf(int fd) {
  sockaddr_in6 address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.sin6_port);  // Both families have it in the same place.
}

void SetPort(sockaddr* address, int port) {
  reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(static_cast<uint16_t>(port));
}

bool IsAnyV4(const sockaddr* address) {
  return address->sa_family == AF_INET &&
         reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr == INADDR_ANY;
}

[[noreturn]] void Fail(const std::string& flag, const std::string& address) {
  throw Failure(ExitCode::kListen, fmt::format("{} {}: {}", flag, address, WhyNot(address)));
}

}  // namespace

ListeningSockets::ListeningSockets(const std::string& flag, const std::string& address) {
  if (address.starts_with(kSocketScheme)) {
    if (IsSocketTaken(address)) Fail(flag, address);
    ListenOnPath(address.substr(kSocketScheme.size()));
  } else {
    ListenOnHost(flag, address);
  }
  if (descriptors_.empty()) Fail(flag, address);
}

ListeningSockets::~ListeningSockets() {
  for (const int fd : descriptors_) close(fd);
  if (!path_.empty()) unlink(path_.c_str());
}

void ListeningSockets::ListenOnPath(const std::string& path) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (path.size() >= sizeof at.sun_path) return;
  path.copy(at.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  unlink(path.c_str());  // Nobody listens there any more.
  if (bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      listen(fd, SOMAXCONN) != 0) {
    close(fd);
    return;
  }
  descriptors_.push_back(fd);
  path_ = path;
}

void ListeningSockets::ListenOnHost(const std::string& flag, const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found) != 0) return;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> guard(found, freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (port_ != 0) SetPort(one->ai_addr, port_);  // The port of the first socket.
    int fd = -1;
    if (IsAnyV4(one->ai_addr)) {  // "Any address" includes those of IPv6, if there are any.
      sockaddr_in6 any{};
      any.sin6_family = AF_INET6;
      any.sin6_port = reinterpret_cast<const sockaddr_in*>(one->ai_addr)->sin_port;
      fd = ListenOn(reinterpret_cast<const sockaddr*>(&any), sizeof any);
    }
    if (fd < 0) fd = ListenOn(one->ai_addr, one->ai_addrlen);
    if (fd < 0 && errno == EADDRINUSE) Fail(flag, address);
    if (fd < 0) continue;
    descriptors_.push_back(fd);
    if (port_ == 0) port_ = PortOf(fd);
  }
}

}  // namespace fingerpost

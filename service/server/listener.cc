#include "server/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>
#include <system_error>

namespace fingerpost {
namespace {

bool IsSocketPath(std::string_view address) { return address.starts_with(kSocketScheme); }

// "host:port" and "[host]:port".
struct HostPort {
  std::string host;
  std::string port;
};

HostPort Split(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return {address, ""};
  std::string host = address.substr(0, colon);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return {host, address.substr(colon + 1)};
}

}  // namespace

bool IsHostPort(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == address.npos || colon == 0) return false;
  std::string_view host = address.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    in6_addr v6{};
    if (inet_pton(AF_INET6, std::string(host).c_str(), &v6) != 1) return false;
  } else if (host.find_first_of(":[],/ ") != host.npos) {
    return false;
  }
  constexpr unsigned kMaxPort = 65535;
  const std::string_view port = address.substr(colon + 1);
  unsigned number = 0;
  const auto [end, fault] = std::from_chars(port.data(), port.data() + port.size(), number);
  return fault == std::errc() && end == port.data() + port.size() && number <= kMaxPort;
}

bool IsLoopback(const std::string& address) {
  if (IsSocketPath(address)) return true;
  const std::string host = Split(address).host;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6) != 0;
  return host == "localhost";  // RFC 6761 §6.3
}

bool IsSocketTaken(const std::string& address) {
  if (!IsSocketPath(address)) return false;
  const std::string_view path = std::string_view(address).substr(kSocketScheme.size());
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (path.size() >= sizeof at.sun_path) return false;
  path.copy(at.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  const bool taken = connected || errno == EAGAIN;  // EAGAIN: its queue is full.
  close(fd);
  return taken;
}

std::string WhyNot(const std::string& address) {
  const std::string unknown = "the address is not usable";
  if (IsSocketPath(address)) {
    return IsSocketTaken(address) ? std::generic_category().message(EADDRINUSE)
                                  : "the socket cannot be made there";
  }
  const HostPort at = Split(address);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int fault = getaddrinfo(at.host.c_str(), at.port.c_str(), &hints, &found);
  if (fault != 0) return gai_strerror(fault);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> guard(found, freeaddrinfo);
  const int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, found->ai_protocol);
  if (fd < 0) return std::generic_category().message(errno);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  std::string why = unknown;
  if (bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1) != 0) {
    why = std::generic_category().message(errno);
  }
  close(fd);
  return why;
}

std::string WithPort(const std::string& address, int port) {
  if (IsSocketPath(address)) return address;
  return address.substr(0, address.rfind(':') + 1) + std::to_string(port);
}

}  // namespace fingerpost

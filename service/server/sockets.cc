#include "server/sockets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>
#include <system_error>

namespace fingerpost {
namespace {

// The port at this end of a TCP socket; -1: the descriptor is something else.
int LocalPort(int fd) {
  sockaddr_in6 address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
  // Both families have the port at the same place.
  const bool is_ip = address.sin6_family == AF_INET || address.sin6_family == AF_INET6;
  return is_ip ? ntohs(address.sin6_port) : -1;
}

}  // namespace

void ForEachSocket(int port, const std::function<void(int fd)>& visit) {
  std::error_code fault;
  std::filesystem::directory_iterator entry("/proc/self/fd", fault);
  for (; !fault && entry != std::filesystem::directory_iterator(); entry.increment(fault)) {
    const std::string name = entry->path().filename().string();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    if (LocalPort(fd) == port) visit(fd);
  }
}

bool IsListener(int fd) {
  int is = 0;
  socklen_t size = sizeof is;
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is, &size) == 0 && is != 0;
}

std::string PeerOf(int fd) {
  sockaddr_in6 address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  auto* const peer = reinterpret_cast<sockaddr*>(&address);
  if (getpeername(fd, peer, &size) != 0 ||
      getnameinfo(peer, size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  return std::string(host) + ":" + port;
}

void StopReading(int fd) { shutdown(fd, SHUT_RD); }

void Linger(int fd, std::chrono::milliseconds longest) {
  using Clock = std::chrono::steady_clock;
  shutdown(fd, SHUT_WR);
  const Clock::time_point end = Clock::now() + longest;
  char dropped[16384];
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) return;
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return;
    if (recv(fd, dropped, sizeof dropped, MSG_DONTWAIT) <= 0) return;
  }
}

}  // namespace fingerpost

#include "server/connection.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace fingerpost {
namespace {

// While calls do arrive, a connection may have this many times the limit in transit.
constexpr int64_t kOnTheWay = 2;

// After this many octets that were read but asked nothing, their cost is checked: gRPC 1.51 rereads
// a field in many frames from its beginning with each frame.
constexpr int64_t kSuspicious = 32 << 10;
// Octets read between two looks if they cost little.
constexpr int64_t kFast = 1 << 20;
// Unread octets at a look if more come than are read; fewer may have arrived just now.
constexpr int64_t kMany = 16 << 10;
// Work, not time: a connection that waits for the CPU, or for others' answers, does nothing wrong.
constexpr std::chrono::milliseconds kMostBlame{60};

// Octets waiting to be read.
int64_t UnreadOn(int fd) {
  int octets = 0;
  return ioctl(fd, FIONREAD, &octets) == 0 ? octets : 0;
}

std::string TextOf(int family, const void* address) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family, address, text, sizeof text) == nullptr ? "" : text;
}

}  // namespace

const char* NameOf(ConnectionLimit limit) {
  constexpr std::array<const char*, kConnectionLimits> kNames = {
      "max-connections",      "max-connections-per-peer",
      "descriptors",          "max-unasked-size",
      "max-unasked-size-all", "write-timeout",
      "evicted-silent",       "stalling"};
  return kNames[static_cast<size_t>(limit)];
}

Peer PeerOfConnection(int fd) {
  sockaddr_in6 address{};
  socklen_t size = sizeof address;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  const int port = ntohs(address.sin6_port);
  if (address.sin6_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    const std::string host = TextOf(AF_INET, &v4.sin_addr);
    return {fmt::format("ipv4:{}:{}", host, port), host};
  }
  if (address.sin6_family != AF_INET6) return {};
  if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) {
    const std::string host = TextOf(AF_INET, &address.sin6_addr.s6_addr[12]);
    return {fmt::format("ipv4:{}:{}", host, port), host};
  }
  const std::string host = TextOf(AF_INET6, &address.sin6_addr);
  const std::string scope =
      address.sin6_scope_id == 0 ? "" : fmt::format("%25{}", address.sin6_scope_id);
  // A client with one address of a /64 has them all.
  std::fill(std::begin(address.sin6_addr.s6_addr) + 8, std::end(address.sin6_addr.s6_addr), 0);
  return {fmt::format("ipv6:%5B{}{}%5D:{}", host, scope, port),
          TextOf(AF_INET6, &address.sin6_addr) + "/64"};
}

Connection::Connection(int fd, Peer peer, Traffic& traffic)
    : fd_(fd),
      peer_(std::move(peer)),
      since_(std::chrono::steady_clock::now()),
      asked_sum_(peer_.name.empty() ? nullptr : &traffic.Of(peer_.name)),
      asked_(asked_sum_ == nullptr ? 0 : asked_sum_->load(std::memory_order_relaxed)),
      last_taken_(since_) {}

Connection::~Connection() { close(fd_); }

std::optional<ConnectionLimit> Connection::Look(Moment now, const ConnectionLimits& limits,
                                                std::chrono::nanoseconds unexplained) {
  if (asked_sum_ == nullptr) return std::nullopt;
  // The calls are read first, so that calls between the two reads count with the next look.
  const uint64_t asked_now = asked_sum_->load(std::memory_order_relaxed);
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  const uint64_t had_come = std::exchange(received_, info.tcpi_bytes_received);
  const auto came = static_cast<int64_t>(received_ - had_come);
  const auto asked = static_cast<int64_t>(asked_now - std::exchange(asked_, asked_now));
  unasked_ = std::max<int64_t>(0, unasked_ + came - asked);
  since_asked_ = asked > 0 ? 0 : since_asked_ + came;
  has_asked_ = has_asked_ || asked > 0;
  if (since_asked_ > limits.unasked || unasked_ > kOnTheWay * limits.unasked) {
    return ConnectionLimit::kUnasked;
  }
  // Data that gRPC has not begun to read waits for other connections.
  const int64_t unread = since_asked_ < kSuspicious ? 0 : UnreadOn(fd_);
  const int64_t read = std::max<int64_t>(0, since_asked_ - unread);
  const bool is_fast = read - std::exchange(read_, read) >= kFast;
  const bool waits_long = unread >= kMany || unread > came;  // since the last look
  const bool is_slow = waits_long && read >= kSuspicious && !is_fast;
  blame_ = is_slow ? blame_ + unexplained : std::chrono::nanoseconds{0};
  if (blame_ >= kMostBlame) return ConnectionLimit::kStalling;
  const bool waits = info.tcpi_unacked > 0 || info.tcpi_notsent_bytes > 0;
  if (!waits || info.tcpi_bytes_acked != taken_) last_taken_ = now;
  taken_ = info.tcpi_bytes_acked;
  if (now - last_taken_ > limits.unread) return ConnectionLimit::kUnread;
  return std::nullopt;
}

void Connection::End() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  shutdown(fd_, SHUT_RDWR);
  // Otherwise gRPC would still read, and work on, what has arrived.
  char unread[64 << 10];
  while (recv(fd_, unread, sizeof unread, MSG_DONTWAIT) > 0) {
  }
}

}  // namespace fingerpost

// A connection that was handed to gRPC, and whether its data is worth its cost.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "rpc/traffic.h"

namespace fingerpost {

using Moment = std::chrono::steady_clock::time_point;

// Reasons to end or refuse connections, as metrics and the log name them.
enum class ConnectionLimit {
  kAll,
  kPeer,
  kDescriptors,
  kUnasked,
  kUnaskedInAll,
  kUnread,
  kSilent,
  kStalling
};
inline constexpr size_t kConnectionLimits = 8;
// "max-connections": the setting's name, if there is one.
[[nodiscard]] const char* NameOf(ConnectionLimit limit);

struct ConnectionLimits {
  int all = 0;
  int per_peer = 0;
  // Octets without a call or message, from one connection and from all of them.
  int64_t unasked = 0;
  int64_t unasked_in_all = 0;
  std::chrono::milliseconds unread{0};  // how long a peer may leave waiting data unread
};

// The other end: its address in gRPC's spelling ("ipv4:192.0.2.1:4242"), and the host that it
// counts for: an IPv4 address, or the /64 network of an IPv6 address. "" for a socket in the file
// system, whose clients are on this machine.
struct Peer {
  std::string name;
  std::string host;
};
[[nodiscard]] Peer PeerOfConnection(int fd);

class Connection {
 public:
  // `fd`: a separate descriptor of the socket, closed with the object.
  Connection(int fd, Peer peer, Traffic& traffic);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Compares the data that came with the calls. `unexplained`: how long the process has worked
  // since the last look, without the work on answers. Returns the exceeded limit, if any.
  [[nodiscard]] std::optional<ConnectionLimit> Look(Moment now, const ConnectionLimits& limits,
                                                    std::chrono::nanoseconds unexplained);
  // Ends it: nothing more is read, and waiting data is not sent.
  void End();

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] const Peer& peer() const { return peer_; }
  [[nodiscard]] Moment since() const { return since_; }
  [[nodiscard]] int64_t unasked() const { return unasked_; }
  // Whether any call has come.
  [[nodiscard]] bool has_asked() const { return has_asked_; }

 private:
  const int fd_;
  const Peer peer_;
  const Moment since_;
  const Traffic::Sum* asked_sum_;  // null: not watched
  uint64_t asked_;
  uint64_t received_ = 0;
  int64_t unasked_ = 0;
  int64_t since_asked_ = 0;  // octets since the last call or message
  bool has_asked_ = false;
  int64_t read_ = 0;                   // of those, how many gRPC had read
  std::chrono::nanoseconds blame_{0};  // unexplained work while they were read slowly
  uint64_t taken_ = 0;                 // octets that the peer has acknowledged
  Moment last_taken_;
};

}  // namespace fingerpost

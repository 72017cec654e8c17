// Accepts gRPC's connections, hands them to gRPC and watches them.
//
// gRPC 1.51's own loop ends for good when descriptors run out (CVE-2023-4785), limits nothing, and
// reads everything that a connection sends (CVE-2023-33953). This loop refuses connections beyond
// the limit, and ends those that send without asking. None of it runs during a call.
//
// There are two threads: gRPC may read a connection on the thread that hands it over, so a second
// thread watches.
#pragma once

#include <grpcpp/server_builder.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "rpc/traffic.h"
#include "server/connection.h"
#include "server/limit_log.h"
#include "server/listening_sockets.h"

namespace fingerpost {

// The loop's work so far: connections refused or ended, by ConnectionLimit.
struct ConnectionCounts {
  int now = 0;
  uint64_t accepted = 0;
  std::array<uint64_t, kConnectionLimits> by_limit{};
};

class AcceptLoop {
 public:
  // `answering`: how long the service has worked on answers, on all threads. `sockets` and
  // `traffic` must outlive the loop. The server of `acceptor` must have started before Start(), and
  // run until Stop().
  AcceptLoop(const ListeningSockets& sockets,
             std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor,
             Traffic& traffic, const ConnectionLimits& limits,
             std::function<std::chrono::nanoseconds()> answering);
  ~AcceptLoop();
  AcceptLoop(const AcceptLoop&) = delete;
  AcceptLoop& operator=(const AcceptLoop&) = delete;

  void Start();
  // Accepts no more. gRPC ends the accepted connections.
  void Stop();

  // Thread-safe.
  [[nodiscard]] ConnectionCounts counts() const;
  // The time since the loop's last round; it makes one at least every second.
  [[nodiscard]] std::chrono::milliseconds standing() const;

 private:
  using Id = uint64_t;  // Of a connection. Unlike a descriptor, never reused.
  static constexpr Id kFirstId = Id{1} << 32;  // Smaller numbers are descriptors.

  void AcceptAll();
  void WatchAll();
  void Wait();
  void Accept(int listener);
  void AcceptWithReserve(int listener);
  void Admit(int listener, int fd);
  // The following require mutex_.
  [[nodiscard]] bool Enter(int fd, Peer peer);
  [[nodiscard]] bool MakeRoom(const std::string& host);
  void LookAtAll();
  [[nodiscard]] std::chrono::nanoseconds UnexplainedWork();
  void EndLargest(int64_t unasked);
  void End(Id id, ConnectionLimit limit);
  void Refuse(int fd, ConnectionLimit limit, const Peer& peer);
  void Forget(Id id);
  void Count(ConnectionLimit limit, const Peer& peer);

  const ListeningSockets& sockets_;
  const std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  Traffic& traffic_;
  const ConnectionLimits limits_;
  const std::function<std::chrono::nanoseconds()> answering_;
  // At the last look: the work on answers, and all work of the process.
  std::chrono::nanoseconds answered_for_{0}, worked_for_{0};
  int epoll_ = -1;
  int stop_ = -1;             // an eventfd
  std::vector<int> reserve_;  // descriptors to give up when no others are left
  std::mutex mutex_;          // guards the following; never held while gRPC is called
  std::condition_variable wake_watcher_;
  bool stopping_ = false;
  Id last_id_ = kFirstId;
  absl::flat_hash_map<Id, std::unique_ptr<Connection>> connections_;
  absl::flat_hash_map<std::string, int> per_host_;
  LimitLog log_{"listen"};
  std::atomic<int> now_{0};
  std::atomic<uint64_t> accepted_{0};
  std::array<std::atomic<uint64_t>, kConnectionLimits> by_limit_{};
  std::atomic<Moment> went_round_;
  std::thread acceptor_thread_;
  std::thread watcher_thread_;
};

// Raises the soft limit of open files to the hard one.
struct DescriptorLimit {
  int before;
  int now;
  int connections;  // that the limit admits
};
[[nodiscard]] DescriptorLimit RaiseDescriptorLimit();

}  // namespace fingerpost

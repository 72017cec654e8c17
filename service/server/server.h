// The running service: policy, gRPC with health and reflection, and the order in which they start
// and stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "server/line_writer.h"
#include "server/settings.h"

namespace fingerpost {

class Server {
 public:
  // Everything that can fail fails here, as Failure; afterwards calls are answered. `log` gets the
  // access log.
  Server(const Settings& settings, LineWriter& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Where it listens, with the ports that they really are: "127.0.0.1:50051 (plaintext), admin on
  // 127.0.0.1:9090".
  [[nodiscard]] std::string Addresses() const;

  // Reads the policy again soon.
  void ReloadPolicy();

  // gRPC calls that have come so far.
  [[nodiscard]] uint64_t StartedCalls() const;

  // Health says NOT_SERVING; calls are still answered.
  void BeginDrain();
  // New unary gRPC calls that have more time left than this are answered when FinishDrain() has
  // sent their clients away.
  void Hold(std::chrono::milliseconds more_than);
  // New gRPC calls are UNAVAILABLE from now on, and told when to try again, if they have the time.
  void SendAway();
  // No new connections, GOAWAY; returns when all calls are over, or were cancelled after
  // drain_timeout.
  void FinishDrain();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fingerpost

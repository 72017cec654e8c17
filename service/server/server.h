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
  // The outputs, which may be the same.
  struct Outputs {
    LineWriter& log;
    LineWriter& access_log;
  };

  // Throws Failure for everything that can fail; afterwards calls are answered.
  Server(const Settings& settings, const Outputs& outputs);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The addresses, with the actual ports: "127.0.0.1:50051 (plaintext), admin on 127.0.0.1:9090".
  [[nodiscard]] std::string Addresses() const;

  // Reads the policy again soon.
  void ReloadPolicy();

  // The number of gRPC calls so far.
  [[nodiscard]] uint64_t StartedCalls() const;

  // Health says NOT_SERVING; calls are still answered.
  void BeginDrain();
  // From now on holds the answers of unary gRPC calls with more time left than this, until
  // FinishDrain() has sent their clients away.
  void Hold(std::chrono::milliseconds more_than);
  // From now on answers gRPC calls with UNAVAILABLE, and with the time after which to retry if they
  // have the time.
  void SendAway();
  // Accepts no more connections and sends GOAWAY. Returns when all calls are over, or were
  // cancelled after drain_timeout.
  void FinishDrain();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fingerpost

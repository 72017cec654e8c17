// Whether this service answers on its own port, tried as a client would.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

namespace fingerpost {

// Thread-safe.
class SelfCheck {
 public:
  // `address`: HOST:PORT or unix:PATH, listened on. In plaintext a try is a health check on a
  // connection of its own. With TLS it is a handshake up to the server's part of it: a client
  // certificate, which may be asked for, is nothing that a server has.
  SelfCheck(const std::string& address, bool tls);

  // The last try's result, or that of a new one when it is a second old: at most a second later.
  [[nodiscard]] bool Passes();

 private:
  [[nodiscard]] bool Try() const;

  const std::string address_;
  const bool tls_;
  std::mutex mutex_;
  bool passed_ = false;
  std::chrono::steady_clock::time_point tried_;
};

}  // namespace fingerpost

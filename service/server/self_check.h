// Checks as a client that this service answers on its own port.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

namespace fingerpost {

// Thread-safe.
class SelfCheck {
 public:
  // `address`: HOST:PORT or unix:PATH, where the service listens. In plaintext a try is a health
  // check on a separate connection. With TLS it is a handshake up to the server's part: the server
  // has no client certificate, which may be required.
  SelfCheck(const std::string& address, bool tls);

  // The last try's result, or a new one if it is a second old. Takes at most a second.
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

// One HTTP/1.1 exchange over a socket, byte by byte.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace fingerpost::testing {

struct HttpResponse {
  int status = 0;
  std::string fields;  // the field lines
  std::string body;
};

// Sends `request` unchanged to "HOST:PORT", and reads to the end of the connection.
[[nodiscard]] HttpResponse Exchange(const std::string& address, const std::string& request);

// Sends `head`, then a `piece` after each such interval without an answer.
[[nodiscard]] HttpResponse Trickle(const std::string& address, const std::string& head,
                                   const std::string& piece, std::chrono::milliseconds every);

// Sends `head`, then a `piece` after each such interval, whatever is answered, as long as the
// server accepts it.
void TrickleOn(const std::string& address, const std::string& head, const std::string& piece,
               std::chrono::milliseconds every);

[[nodiscard]] HttpResponse Get(const std::string& address, const std::string& path);
[[nodiscard]] HttpResponse PostJson(const std::string& address, const std::string& path,
                                    const std::string& body);

// A connection that stays open.
class KeptAlive {
 public:
  explicit KeptAlive(const std::string& address);
  ~KeptAlive();
  KeptAlive(const KeptAlive&) = delete;
  KeptAlive& operator=(const KeptAlive&) = delete;

  // Sends, and waits for the beginning of the answer.
  void Exchange(const std::string& request) const;
  void Send(const std::string& text) const;
  // Whether an octet or the end comes within `time`.
  [[nodiscard]] bool Waits(std::chrono::milliseconds time) const;
  // Everything until the server closes.
  [[nodiscard]] std::string ReadAll() const;

 private:
  class Socket;
  const std::unique_ptr<Socket> socket_;
};

}  // namespace fingerpost::testing

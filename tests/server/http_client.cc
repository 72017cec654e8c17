#include "server/http_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

class TcpSocket {
 public:
  explicit TcpSocket(const std::string& address) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const size_t colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    const timeval patience{kPatience.count(), 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      throw std::system_error(errno, std::generic_category(), "connect " + address);
    }
  }
  ~TcpSocket() { close(fd_); }
  TcpSocket(const TcpSocket&) = delete;
  TcpSocket& operator=(const TcpSocket&) = delete;

  // Data that the server did not read is not an error of the test.
  void Send(const std::string& text) const {
    for (size_t sent = 0; sent < text.size();) {
      const ssize_t count = send(fd_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return;
      sent += static_cast<size_t>(count);
    }
  }
  // One octet, or the end.
  void Await() const {
    char octet = 0;
    (void)!recv(fd_, &octet, 1, 0);
  }
  // Whether an octet or the end comes within `time`.
  [[nodiscard]] bool Waits(std::chrono::milliseconds time) const {
    pollfd poll_fd{.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&poll_fd, 1, static_cast<int>(time.count())) > 0;
  }
  // Whether the server closes both directions within `time`.
  [[nodiscard]] bool IsReset(std::chrono::milliseconds time) const {
    pollfd poll_fd{.fd = fd_, .events = 0, .revents = 0};
    return poll(&poll_fd, 1, static_cast<int>(time.count())) > 0;
  }
  [[nodiscard]] std::string ReadAll() const {
    std::string text;
    char buffer[4096];
    ssize_t count = 0;
    while ((count = recv(fd_, buffer, sizeof buffer, 0)) > 0) {
      text.append(buffer, static_cast<size_t>(count));
    }
    return text;
  }

 private:
  int fd_;
};

HttpResponse Parse(const std::string& text) {
  const size_t line = text.find("\r\n");
  const size_t end = text.find("\r\n\r\n");
  if (text.substr(0, 9) != "HTTP/1.1 " || end == std::string::npos) {
    throw std::runtime_error("no HTTP response: " + text);
  }
  return {.status = std::stoi(text.substr(9, 3)),
          .fields = text.substr(line + 2, end - line),
          .body = text.substr(end + 4)};
}

}  // namespace

HttpResponse Exchange(const std::string& address, const std::string& request) {
  const TcpSocket socket(address);
  socket.Send(request);
  return Parse(socket.ReadAll());
}

HttpResponse Trickle(const std::string& address, const std::string& head, const std::string& piece,
                     std::chrono::milliseconds every) {
  const TcpSocket socket(address);
  socket.Send(head);
  while (!socket.Waits(every)) socket.Send(piece);
  return Parse(socket.ReadAll());
}

void TrickleOn(const std::string& address, const std::string& head, const std::string& piece,
               std::chrono::milliseconds every) {
  const TcpSocket socket(address);
  socket.Send(head);
  while (!socket.IsReset(every)) socket.Send(piece);
}

class KeptAlive::Socket : public TcpSocket {
 public:
  using TcpSocket::TcpSocket;
};

KeptAlive::KeptAlive(const std::string& address) : socket_(std::make_unique<Socket>(address)) {}
KeptAlive::~KeptAlive() = default;

void KeptAlive::Exchange(const std::string& request) const {
  socket_->Send(request);
  socket_->Await();
}

void KeptAlive::Send(const std::string& text) const { socket_->Send(text); }
bool KeptAlive::Waits(std::chrono::milliseconds time) const { return socket_->Waits(time); }
std::string KeptAlive::ReadAll() const { return socket_->ReadAll(); }

HttpResponse Get(const std::string& address, const std::string& path) {
  return Exchange(address,
                  "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
}

HttpResponse PostJson(const std::string& address, const std::string& path,
                      const std::string& body) {
  return Exchange(address, "POST " + path +
                               " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                               "Content-Type: application/json\r\nContent-Length: " +
                               std::to_string(body.size()) + "\r\n\r\n" + body);
}

}  // namespace fingerpost::testing

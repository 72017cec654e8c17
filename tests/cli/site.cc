#include "site.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace fingerpost {
namespace {

void Check(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

// The length of the fields and of the content by Content-Length; npos while fields are missing.
size_t LengthOf(const std::string& message) {
  const size_t end = message.find("\r\n\r\n");
  if (end == std::string::npos) return end;
  const size_t length = message.find("Content-Length: ");
  return end + 4 + (length < end ? std::strtoul(message.c_str() + length + 16, nullptr, 10) : 0);
}

std::string ReadRequest(int connection) {
  std::string request;
  char buffer[4096];
  while (request.size() < LengthOf(request)) {
    const ssize_t got = read(connection, buffer, sizeof buffer);
    if (got <= 0) break;
    request.append(buffer, static_cast<size_t>(got));
  }
  return request;
}

void WaitUntilTheClientGivesUp(int connection) {
  pollfd gone{connection, POLLRDHUP, 0};
  poll(&gone, 1, -1);
}

}  // namespace

Site::Site(std::map<std::string, std::string> pages) : pages_(std::move(pages)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* where = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  Check(listener_ >= 0 && bind(listener_, where, size) == 0 && listen(listener_, 16) == 0 &&
            getsockname(listener_, where, &size) == 0,
        "the site cannot listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

Site::~Site() {
  shutdown(listener_, SHUT_RDWR);  // wakes accept
  thread_.join();
  close(listener_);
}

std::vector<std::string> Site::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void Site::Set(const std::string& page, const std::string& response) {
  const std::lock_guard lock(mutex_);
  pages_[page] = response;
}

std::string Site::Response(const std::string& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  const auto found = pages_.find(request.substr(0, request.find(" HTTP/")));
  return found != pages_.end() ? found->second
                               : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
}

// Serves one connection after the other, each with one request.
void Site::Serve() {
  while (true) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    Answer(connection);
    close(connection);
  }
}

void Site::Answer(int connection) {
  const std::string request = ReadRequest(connection);
  const std::string response = Response(request);
  if (response.empty()) return WaitUntilTheClientGivesUp(connection);
  for (size_t sent = 0; sent < response.size();) {
    const ssize_t got =
        send(connection, response.data() + sent, response.size() - sent, MSG_NOSIGNAL);
    if (got <= 0) return;
    sent += static_cast<size_t>(got);
  }
  const size_t length = LengthOf(response);
  if (length != std::string::npos && response.size() < length && !request.starts_with("HEAD ")) {
    WaitUntilTheClientGivesUp(connection);
  }
}

std::string Redirect(int status, const std::string& location, const std::string& fields) {
  return "HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + location + "\r\n" +
         fields + "Content-Length: 0\r\nConnection: close\r\n\r\n";
}

std::string Page(const std::string& content) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(content.size()) +
         "\r\nConnection: close\r\n\r\n" + content;
}

}  // namespace fingerpost

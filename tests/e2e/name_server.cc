#include "name_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace fingerpost::testing {
namespace {

// RFC 1035 §4.1.1: id, flags, four counts.
constexpr size_t kHeader = 12;
constexpr char kTypeA = 1;

std::string Word(size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

}  // namespace

NameServer::NameServer() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* address = reinterpret_cast<sockaddr*>(&at);
  if (bind(fd_, address, size) != 0 || getsockname(fd_, address, &size) != 0) {
    throw std::runtime_error("no port for a name server");
  }
  address_ = "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
  thread_ = std::thread([this] { Serve(); });
}

NameServer::~NameServer() {
  stop_ = true;
  thread_.join();
  close(fd_);
}

void NameServer::Set(std::vector<std::string> addresses) {
  const std::lock_guard lock(mutex_);
  addresses_ = std::move(addresses);
}

void NameServer::Serve() {
  constexpr int kPollMilliseconds = 50;
  while (!stop_) {
    pollfd wait{fd_, POLLIN, 0};
    if (poll(&wait, 1, kPollMilliseconds) != 1) continue;
    char buffer[512];
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t count =
        recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (count < 0) continue;
    const std::string answer = Answer({buffer, static_cast<size_t>(count)});
    (void)!sendto(fd_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
  }
}

std::string NameServer::Answer(const std::string& query) {
  // One question: a name of labels that ends with an empty one, a type and a class.
  size_t end = kHeader;
  while (end < query.size() && query[end] != 0) end += 1 + static_cast<unsigned char>(query[end]);
  end += 5;
  if (query.size() < end) return {};
  const bool wants_a = query[end - 4] == 0 && query[end - 3] == kTypeA;
  const std::lock_guard lock(mutex_);
  const size_t answers = wants_a ? addresses_.size() : 0;
  // An authoritative response without an error; other types have no records.
  std::string text = query.substr(0, 2) + "\x84" + std::string(1, '\0') + Word(1) + Word(answers) +
                     Word(0) + Word(0) + query.substr(kHeader, end - kHeader);
  for (size_t i = 0; i < answers; ++i) {
    in_addr address{};
    inet_pton(AF_INET, addresses_[i].c_str(), &address);
    // The name as a pointer to the question's, type A, class IN, no caching, four octets.
    text += Word(0xc000 | kHeader) + Word(kTypeA) + Word(1) + Word(0) + Word(0) + Word(4) +
            std::string(reinterpret_cast<const char*>(&address), sizeof address);
  }
  return text;
}

}  // namespace fingerpost::testing

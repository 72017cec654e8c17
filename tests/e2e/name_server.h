// A DNS server with one name, for tests of clients that find replicas by it, as behind a headless
// service of Kubernetes.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fingerpost::testing {

class NameServer {
 public:
  NameServer();
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  // "127.0.0.1:43210"
  [[nodiscard]] const std::string& address() const { return address_; }
  // The IPv4 addresses behind every name from now on.
  void Set(std::vector<std::string> addresses);

 private:
  void Serve();
  // The answer to one query (RFC 1035 §4.1); "" to anything else.
  [[nodiscard]] std::string Answer(const std::string& query);

  int fd_;
  std::string address_;
  std::mutex mutex_;
  std::vector<std::string> addresses_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace fingerpost::testing

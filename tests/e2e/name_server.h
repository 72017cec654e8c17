// A DNS server with one name, for the tests of clients that look for replicas by it, as behind a
// headless service of Kubernetes.
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
  // To one query (RFC 1035 §4.1); "" to what is none.
  [[nodiscard]] std::string Answer(const std::string& query);

  int fd_;
  std::string address_;
  std::mutex mutex_;
  std::vector<std::string> addresses_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace fingerpost::testing

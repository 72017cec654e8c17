// The sockets that connections are accepted from: TCP over IPv4 and IPv6, and a socket in the file
// system.
#pragma once

#include <string>
#include <vector>

namespace fingerpost {

// Closed at its end, with the socket in the file system.
class ListeningSockets {
 public:
  // `flag`: the setting that named the address, for errors. `address`: HOST:PORT, all of whose
  // addresses are listened on, or unix:PATH. Throws Failure.
  ListeningSockets(const std::string& flag, const std::string& address);
  ~ListeningSockets();
  ListeningSockets(const ListeningSockets&) = delete;
  ListeningSockets& operator=(const ListeningSockets&) = delete;

  [[nodiscard]] const std::vector<int>& descriptors() const { return descriptors_; }
  // What port 0 became; 0 of a socket in the file system.
  [[nodiscard]] int port() const { return port_; }

 private:
  void ListenOnPath(const std::string& path);
  void ListenOnHost(const std::string& flag, const std::string& address);

  std::vector<int> descriptors_;
  int port_ = 0;
  std::string path_;
};

}  // namespace fingerpost

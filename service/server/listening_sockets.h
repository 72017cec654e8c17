// The sockets that accept connections: TCP over IPv4 and IPv6, and a socket in the file system.
#pragma once

#include <string>
#include <vector>

namespace fingerpost {

// The destructor closes them and removes the socket in the file system.
class ListeningSockets {
 public:
  // `flag`: the setting with the address, for errors. `address`: unix:PATH, or HOST:PORT; listens
  // on all addresses of HOST. Throws Failure.
  ListeningSockets(const std::string& flag, const std::string& address);
  ~ListeningSockets();
  ListeningSockets(const ListeningSockets&) = delete;
  ListeningSockets& operator=(const ListeningSockets&) = delete;

  [[nodiscard]] const std::vector<int>& descriptors() const { return descriptors_; }
  // The actual port; 0 for a socket in the file system.
  [[nodiscard]] int port() const { return port_; }

 private:
  void ListenOnPath(const std::string& path);
  void ListenOnHost(const std::string& flag, const std::string& address);

  std::vector<int> descriptors_;
  int port_ = 0;
  std::string path_;
};

}  // namespace fingerpost

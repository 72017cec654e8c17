// Under which names the HTTP ports are served: a page of a foreign site can point its own name at
// this address (DNS rebinding), and its visitors' browsers then send that name in Host.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fingerpost {

class HttpHosts {
 public:
  // `listen` as HOST:PORT; its host is served. `more`: names; "*.example.com" is each name below.
  HttpHosts(std::string_view listen, const std::vector<std::string>& more);

  // Whether `host`, as in the field Host, with a port or without, is an address or a name that no
  // stranger can have: without a dot, of a cluster (*.svc, *.cluster.local), *.localhost, or one
  // that the constructor was given. So is "", which browsers never send.
  [[nodiscard]] bool Serves(std::string_view host) const;

 private:
  std::vector<std::string> names_;
};

}  // namespace fingerpost

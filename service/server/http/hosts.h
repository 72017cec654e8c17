// The names under which the HTTP ports answer. A foreign site can point its own name at this
// address (DNS rebinding); its visitors' browsers then send that name in Host.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fingerpost {

class HttpHosts {
 public:
  // `listen`: HOST:PORT, whose host is served. `more`: names; "*.example.com" stands for every name
  // below it.
  HttpHosts(std::string_view listen, const std::vector<std::string>& more);

  // Whether `host`, a value of the field Host with or without a port, is an address or a name that
  // no stranger can own: without a dot, of a cluster (*.svc, *.cluster.local), *.localhost, or
  // given to the constructor. True for "", which browsers never send.
  [[nodiscard]] bool Serves(std::string_view host) const;

 private:
  std::vector<std::string> names_;
};

}  // namespace fingerpost

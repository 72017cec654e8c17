// The site of --redirect-listen: answers web clients itself, without a gateway and a backend.
//
// The policy's redirects and responses as they stand; whatever else it says, 404, because there is
// nothing to pass to. Only the request line and Host count: no field that a client can write names
// another host.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "server/gateway/challenges.h"
#include "server/gateway/door.h"
#include "server/http/server.h"

namespace fingerpost {

class Site {
 public:
  // In Allow, and for OPTIONS *: CONNECT and TRACE are refused.
  static constexpr char kMethods[] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

  // `pages` answers 404 and should not count calls; both must outlive this. `scheme`: of the port.
  // `acme`: see Challenges.
  Site(const RedirectService& service, const RedirectService& pages, Door::Setup setup,
       std::string_view scheme, const std::string& acme)
      : pages_(pages), door_(service, std::move(setup)), scheme_(scheme), challenges_(acme) {}

  [[nodiscard]] HttpAnswer Answer(const HttpCall& call);
  // For a request that the HTTP server cannot read.
  [[nodiscard]] HttpAnswer Refused(HttpAnswer refusal);

  [[nodiscard]] PassageCounts counts() const { return door_.counts(); }

 private:
  [[nodiscard]] HttpAnswer Rejected(int status, std::string_view why);
  [[nodiscard]] HttpAnswer Unavailable(const v1::Error& error);
  [[nodiscard]] HttpAnswer Judge(const HttpCall& call);
  [[nodiscard]] HttpAnswer NotFound(const HttpCall& call, v1::DecideRequest& question,
                                    const v1::DecideResponse& passed);

  const RedirectService& pages_;
  Door door_;
  const std::string_view scheme_;
  const Challenges challenges_;
};

}  // namespace fingerpost

// ANY /v1/gateway: a gateway asks about each request of its clients before it asks a backend. The
// answer is the policy's redirect or response as it stands, or "go on".
//
// Whatever cannot be judged goes on: a strange request, a request without room for its answer. A
// broken service must not break the site, and the backend judges requests better.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/gateway/door.h"
#include "server/gateway/parameters.h"
#include "server/http/server.h"

namespace fingerpost {

class Gateway {
 public:
  static constexpr std::string_view kPath = "/v1/gateway";

  // `scheme`: of the port. `pass`: the status for "go on".
  Gateway(const RedirectService& service, Door::Setup setup, std::string_view scheme, int pass)
      : door_(service, std::move(setup)), scheme_(scheme), pass_(pass) {}

  // Whether a request with this path is for the gateway: also /v1/gatewayshop.example:443, which a
  // gateway makes of a target that is no path.
  [[nodiscard]] static bool Serves(std::string_view path) { return path.starts_with(kPath); }

  [[nodiscard]] HttpAnswer Answer(const HttpCall& call);
  // For a request that the HTTP server cannot read. Too large a head goes on; the rest is refused.
  [[nodiscard]] HttpAnswer Refused(const HttpCall& call, HttpAnswer refusal);

  [[nodiscard]] PassageCounts counts() const { return door_.counts(); }

 private:
  // The status for "go on", and whether to wrap; nullopt for parameters that are none.
  [[nodiscard]] std::optional<GatewayParameters> ParametersOf(const HttpCall& call) const;
  [[nodiscard]] HttpAnswer LetPass(int status, Passage passage,
                                   const v1::DecideResponse& answer = {});
  [[nodiscard]] HttpAnswer Unreadable(int status, std::string_view why);
  [[nodiscard]] HttpAnswer Judge(const HttpCall& call, const GatewayParameters& parameters);

  Door door_;
  const std::string_view scheme_;
  const int pass_;
};

}  // namespace fingerpost

// The admin port: metrics, probes and a page that a person can read. It answers whoever reaches it:
// keep it inside.
#pragma once

#include <functional>

#include "rpc/meters.h"
#include "server/http_server.h"
#include "server/metrics.h"

namespace fingerpost {

class Admin {
 public:
  // `state` is called for each request, from the server's threads.
  Admin(const Meters& meters, std::function<State()> state)
      : meters_(meters), state_(std::move(state)) {}

  // GET /metrics; /healthz: the process is alive; /readyz: it wants requests.
  [[nodiscard]] HttpAnswer Answer(const HttpCall& call) const;

 private:
  const Meters& meters_;
  std::function<State()> state_;
};

}  // namespace fingerpost

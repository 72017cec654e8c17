// The admin port: metrics, probes and a page that a person can read. It answers whoever reaches it:
// keep it inside.
#pragma once

#include <functional>
#include <utility>

#include "rpc/meters.h"
#include "rpc/redirect_service.h"
#include "server/access_log.h"
#include "server/http_server.h"
#include "server/metrics.h"

namespace fingerpost {

class Admin {
 public:
  // `state` is called for each request, from the server's threads; the others outlive this.
  // `trials` answers the page's form; it should count nothing.
  Admin(const Meters& meters, const AccessLog& log, const RedirectService& trials,
        std::function<State()> state)
      : meters_(meters), log_(log), trials_(trials), state_(std::move(state)) {}

  // GET /: the page; /metrics; /healthz: the process is alive; /readyz: it wants requests.
  [[nodiscard]] HttpAnswer Answer(const HttpCall& call) const;

 private:
  [[nodiscard]] HttpAnswer Page(const HttpCall& call) const;

  const Meters& meters_;
  const AccessLog& log_;
  const RedirectService& trials_;
  std::function<State()> state_;
};

}  // namespace fingerpost

// The admin port: metrics, probes and a page for people. It answers everybody who can reach it, so
// keep it internal.
#pragma once

#include <functional>
#include <utility>

#include "rpc/meters.h"
#include "rpc/policy_counts.h"
#include "rpc/redirect_service.h"
#include "server/access_log.h"
#include "server/http/server.h"
#include "server/metrics.h"

namespace fingerpost {

class Admin {
 public:
  static constexpr char kMethods[] = "GET, HEAD";

  // Asks the process on behalf of a request, on the server's threads.
  struct Questions {
    std::function<State()> state;
    std::function<bool()> is_alive;
    std::function<bool()> is_ready;
  };

  // All but `ask` must outlive this.
  // `trials` answers the page's form and should not count calls.
  Admin(const Meters& meters, PolicyCounts& counts, const AccessLog& log,
        const RedirectService& trials, Questions ask)
      : meters_(meters), counts_(counts), log_(log), trials_(trials), ask_(std::move(ask)) {}

  // GET /: the page; /stats: the policy's counters as JSON, with as many rows of its maps as
  // ?rows= says; /metrics; /healthz: the process accepts connections; /readyz: it is serving
  // and has just answered a call; its text names parts of the policy that are not up to date.
  [[nodiscard]] HttpAnswer Answer(const HttpCall& call) const;

 private:
  [[nodiscard]] HttpAnswer Page(const HttpCall& call) const;
  [[nodiscard]] HttpAnswer Stats(const HttpCall& call) const;

  const Meters& meters_;
  PolicyCounts& counts_;
  const AccessLog& log_;
  const RedirectService& trials_;
  Questions ask_;
};

}  // namespace fingerpost

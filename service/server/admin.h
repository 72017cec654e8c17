// The admin port: metrics, probes and a page that a person can read. It answers whoever reaches it:
// keep it inside.
#pragma once

#include <functional>
#include <utility>

#include "rpc/meters.h"
#include "rpc/redirect_service.h"
#include "server/access_log.h"
#include "server/http/server.h"
#include "server/metrics.h"

namespace fingerpost {

class Admin {
 public:
  static constexpr char kMethods[] = "GET, HEAD";

  // What is asked of the process for a request, from the server's threads.
  struct Questions {
    std::function<State()> state;
    std::function<bool()> is_alive;
    std::function<bool()> is_ready;
  };

  // All but `ask` outlive this.
  // `trials` answers the page's form; it should count nothing.
  Admin(const Meters& meters, const AccessLog& log, const RedirectService& trials, Questions ask)
      : meters_(meters), log_(log), trials_(trials), ask_(std::move(ask)) {}

  // GET /: the page; /metrics; /healthz: connections are accepted; /readyz: it wants requests
  // and has just answered one.
  [[nodiscard]] HttpAnswer Answer(const HttpCall& call) const;

 private:
  [[nodiscard]] HttpAnswer Page(const HttpCall& call) const;

  const Meters& meters_;
  const AccessLog& log_;
  const RedirectService& trials_;
  Questions ask_;
};

}  // namespace fingerpost

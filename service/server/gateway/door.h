// A way in for the requests of web clients: asks the policy about one, and counts and logs it as
// the service's other calls are.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/budget.h"
#include "rpc/call_observer.h"
#include "rpc/caller_counts.h"
#include "rpc/callers.h"
#include "rpc/meters.h"
#include "rpc/redirect_service.h"
#include "server/gateway/passages.h"
#include "server/http/server.h"

namespace fingerpost {

class Door {
 public:
  struct Setup {
    std::string_view name;  // "gateway": in the log and the metrics
    Method method;
    std::vector<std::string> allow_callers = {};  // see AllowedCallers
    // Each may be null.
    Meters* meters = nullptr;
    CallObserver* observer = nullptr;
    CallerCounts* caller_counts = nullptr;
    Budget* budget = nullptr;
  };
  // `service` must outlive it.
  Door(const RedirectService& service, Setup setup);

  // What the policy says. An error is that of the service or of its caller, never that of the
  // request: a question that cannot be judged has the answer OUTCOME_UNSPECIFIED.
  [[nodiscard]] message::Result<v1::DecideResponse, v1::Error> Ask(const HttpCall& call,
                                                                   v1::DecideRequest& question);

  void Count(Passage passage) { meter_.Count(passage); }
  // Counts a request that nobody can judge, and logs such ones once a minute. `why` names a part of
  // the request, never its value.
  void Unreadable(std::string_view why);
  [[nodiscard]] PassageCounts counts() const { return meter_.Read(setup_.name); }

 private:
  [[nodiscard]] message::Result<v1::DecideResponse, v1::Error> Decide(const HttpCall& call,
                                                                      v1::DecideRequest& question);
  void Report(const HttpCall& call, const v1::DecideRequest& question, const CallSummary& summary,
              const std::string& error);

  const RedirectService& service_;
  const Setup setup_;
  const AllowedCallers callers_;
  PassageMeter meter_;
  std::mutex mutex_;
  uint64_t unreadable_ = 0;  // not yet logged
  std::chrono::steady_clock::time_point next_line_;
};

}  // namespace fingerpost

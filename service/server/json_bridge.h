// HTTP/JSON: POST /v1/decide and /v1/follow, protobuf JSON in and out, for callers without gRPC.
#pragma once

#include <string>
#include <vector>

#include "rpc/budget.h"
#include "rpc/call_observer.h"
#include "rpc/caller_counts.h"
#include "rpc/callers.h"
#include "rpc/meters.h"
#include "rpc/redirect_service.h"
#include "server/http/server.h"

namespace fingerpost {

class JsonBridge {
 public:
  static constexpr char kMethods[] = "POST";

  struct Setup {
    std::vector<std::string> allow_callers;  // see AllowedCallers
    // Each may be null.
    Meters* meters = nullptr;
    CallObserver* observer = nullptr;
    CallerCounts* caller_counts = nullptr;
    Budget* budget = nullptr;
  };
  JsonBridge(const RedirectService& service, const Setup& setup);

  // 200 with the answer, or {"error": {…}} with the HTTP status of its gRPC code.
  [[nodiscard]] HttpAnswer Answer(const HttpCall& call) const;

 private:
  template <typename Request, typename Response>
  [[nodiscard]] HttpAnswer Ask(const HttpCall& call, Method method,
                               message::Done (RedirectService::*function)(Request&, Response&,
                                                                          Deadline, Share*)
                                   const) const;

  const RedirectService& service_;
  const Setup setup_;
  const AllowedCallers callers_;
};

}  // namespace fingerpost

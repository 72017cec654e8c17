// HTTP/JSON: POST /v1/decide and /v1/follow, protobuf JSON in and out, for callers without gRPC.
#pragma once

#include "rpc/budget.h"
#include "rpc/call_observer.h"
#include "rpc/meters.h"
#include "rpc/redirect_service.h"
#include "server/http_server.h"

namespace fingerpost {

class JsonBridge {
 public:
  // `meters`, `observer` and `budget` may be null.
  JsonBridge(const RedirectService& service, Meters* meters, CallObserver* observer,
             Budget* budget);

  // 200 with the answer, or {"error": {…}} with the HTTP status of its gRPC code.
  [[nodiscard]] HttpAnswer Answer(const HttpCall& call) const;

 private:
  template <typename Request, typename Response>
  [[nodiscard]] HttpAnswer Ask(const HttpCall& call, Method method,
                               bool (RedirectService::*function)(Request&, Response&, v1::Error&,
                                                                 Deadline, Share*) const) const;

  const RedirectService& service_;
  Meters* meters_;
  CallObserver* observer_;
  Budget* budget_;
};

}  // namespace fingerpost

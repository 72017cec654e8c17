// HTTP/JSON: POST /v1/decide and /v1/follow, protobuf JSON in and out, for callers without gRPC.
#pragma once

#include "rpc/call_observer.h"
#include "rpc/meters.h"
#include "rpc/redirect_service.h"
#include "server/http_server.h"

namespace fingerpost {

class JsonBridge {
 public:
  // `meters` and `observer` may be null.
  JsonBridge(const RedirectService& service, Meters* meters, CallObserver* observer)
      : service_(service), meters_(meters), observer_(observer) {}

  // 200 with the answer, or {"error": {…}} with the HTTP status of its gRPC code.
  [[nodiscard]] HttpAnswer Answer(const HttpCall& call) const;

 private:
  template <typename Request, typename Response>
  [[nodiscard]] HttpAnswer Ask(const HttpCall& call, Method method,
                               bool (RedirectService::*function)(Request&, Response&, v1::Error&,
                                                                 Deadline) const) const;

  const RedirectService& service_;
  Meters* meters_;
  CallObserver* observer_;
};

}  // namespace fingerpost

// HTTP/JSON: POST /v1/decide and /v1/follow, protobuf JSON in and out, for callers without gRPC.
#pragma once

#include "rpc/call_observer.h"
#include "rpc/redirect_service.h"
#include "server/http_server.h"

namespace fingerpost {

class JsonBridge {
 public:
  // `observer` may be null.
  JsonBridge(const RedirectService& service, CallObserver* observer)
      : service_(service), observer_(observer) {}

  // 200 with the answer, or {"error": {…}} with the HTTP status of its gRPC code.
  [[nodiscard]] HttpAnswer Answer(const HttpCall& call) const;

 private:
  const RedirectService& service_;
  CallObserver* observer_;
};

}  // namespace fingerpost

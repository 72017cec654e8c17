// HTTP/JSON: POST /v1/decide, /v1/follow and /v1/usage, protobuf JSON in and out, for callers
// without gRPC. Usage is also taken as octets.
#pragma once

#include <string>
#include <vector>

#include "rpc/budget.h"
#include "rpc/callers.h"
#include "rpc/redirect_service.h"
#include "rpc/usage_service.h"
#include "server/http/server.h"
#include "server/http_report.h"

namespace fingerpost {

class JsonBridge {
 public:
  static constexpr char kMethods[] = "POST";

  struct Setup {
    std::vector<std::string> allow_callers;  // see AllowedCallers
    // Each may be null. Without `usage` there is no /v1/usage.
    UsageService* usage = nullptr;
    Budget* budget = nullptr;
    HttpReport::To report = {};
  };
  JsonBridge(const RedirectService& service, const Setup& setup);

  // 200 with the answer, or {"error": {…}} with the HTTP status of its gRPC code.
  [[nodiscard]] HttpAnswer Answer(const HttpCall& call) const;

 private:
  enum class Format : uint8_t { kJson, kOctets };
  // `function`: message::Done(Request&, Response&, Share&).
  template <typename Request, typename Response, typename Function>
  [[nodiscard]] HttpAnswer Ask(const HttpCall& call, Method method, Format format,
                               Function function) const;
  [[nodiscard]] HttpAnswer Decide(const HttpCall& call) const;
  [[nodiscard]] HttpAnswer Follow(const HttpCall& call) const;
  [[nodiscard]] HttpAnswer Usage(const HttpCall& call, Format format) const;

  const RedirectService& service_;
  const Setup setup_;
  const AllowedCallers callers_;
};

}  // namespace fingerpost

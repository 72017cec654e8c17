#include "server/admin.h"

namespace fingerpost {

HttpAnswer Admin::Answer(const HttpCall& call) const {
  if (call.method != "GET" && call.method != "HEAD") {
    return {.status = 405, .body = "GET only\n", .fields = "Allow: GET, HEAD\r\n"};
  }
  if (call.path == "/metrics") {
    return {.type = kMetricsType, .body = MetricsText(meters_, state_()), .fields = {}};
  }
  if (call.path == "/healthz") return {.body = "alive\n", .fields = {}};
  if (call.path == "/readyz") {
    const bool serving = state_().serving;
    return {.status = serving ? 200 : 503,
            .body = serving ? "serving\n" : "not serving\n",
            .fields = {}};
  }
  return {.status = 404, .body = "/metrics, /healthz, /readyz\n", .fields = {}};
}

}  // namespace fingerpost

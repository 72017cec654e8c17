#include "server/admin.h"

#include "server/admin_page.h"

namespace fingerpost {

HttpAnswer Admin::Answer(const HttpCall& call) const {
  if (call.method != "GET" && call.method != "HEAD") {
    return {.status = 405, .body = "GET only\n", .fields = "Allow: GET, HEAD\r\n"};
  }
  if (call.path == "/") return Page(call);
  if (call.path == "/metrics") {
    return {.type = kMetricsType, .body = MetricsText(meters_, ask_.state()), .fields = {}};
  }
  if (call.path == "/healthz") {
    const bool alive = ask_.is_alive();
    return {.status = alive ? 200 : 503,
            .body = alive ? "alive\n" : "the accept loop stands still\n",
            .fields = {}};
  }
  if (call.path == "/readyz") {
    const bool serving = ask_.is_ready();
    return {.status = serving ? 200 : 503,
            .body = serving ? "serving\n" : "not serving\n",
            .fields = {}};
  }
  return {.status = 404, .body = "/, /metrics, /healthz, /readyz\n", .fields = {}};
}

HttpAnswer Admin::Page(const HttpCall& call) const {
  const Trial trial{.method = QueryValue(call.query, "method"),
                    .url = QueryValue(call.query, "url"),
                    .purpose = QueryValue(call.query, "purpose"),
                    .target = QueryValue(call.query, "target")};
  const State state = ask_.state();
  return {.type = "text/html; charset=utf-8",
          .body = AdminPage({.meters = meters_,
                             .state = state,
                             .refused = log_.Refused(),
                             .slowest = log_.Slowest(),
                             .trial = trial,
                             .answer = call.query.empty() ? "" : AnswerTo(trial, trials_)}),
          // Nothing but the page's own style; nobody frames it.
          .fields =
              "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
              "form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n"
              "Referrer-Policy: no-referrer\r\n"};
}

}  // namespace fingerpost

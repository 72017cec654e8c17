#include "server/admin.h"

#include "server/admin_page.h"
#include "server/http/error.h"
#include "server/policy_stats.h"

namespace fingerpost {

namespace {

// A line for each part of the policy that is not what its file says. That is no reason to be out of
// service: what was good answers.
std::string OldParts(const State& state) {
  std::string lines;
  if (state.policy_is_old) {
    lines += "policy: the last load failed; version " + state.policy_version + " answers\n";
  }
  for (const policy::load::Included& file : state.policy_included) {
    if (file.state == policy::load::Included::State::kCurrent) continue;
    lines += "policy: " + file.name + ": " + std::string(Describe(file.state)) + " answers\n";
  }
  return lines;
}

}  // namespace

HttpAnswer Admin::Answer(const HttpCall& call) const {
  if (call.method != "GET" && call.method != "HEAD") {
    HttpAnswer refusal = HttpError(405, "Expected GET or HEAD.");
    refusal.fields.emplace_back("Allow", kMethods);
    return refusal;
  }
  if (call.path == "/") return Page(call);
  if (call.path == "/metrics") {
    return {.type = kMetricsType, .body = MetricsText(meters_, ask_.state(), counts_.Hits())};
  }
  if (call.path == "/healthz") {
    const bool alive = ask_.is_alive();
    return {.status = alive ? 200 : 503,
            .body = alive ? "alive\n" : "the accept loop stands still\n"};
  }
  if (call.path == "/readyz") {
    const bool serving = ask_.is_ready();
    return {.status = serving ? 200 : 503,
            .body = (serving ? "serving\n" : "not serving\n") + OldParts(ask_.state())};
  }
  if (call.path == "/stats") return Stats(call);
  return HttpError(404, "Expected /, /metrics, /stats, /healthz or /readyz.");
}

HttpAnswer Admin::Stats(const HttpCall& call) const {
  const auto rows = RowsOf(QueryValue(call.query, "rows"));
  if (!rows) {
    return HttpError(
        400, "rows: expected a number from 0 to " + std::to_string(PolicyCounts::kMostRows) + ".");
  }
  return {.type = "application/json",
          .body = PolicyStatsJson(counts_.Hits(), counts_.MostHit(*rows))};
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
                             .hits = counts_.Hits(),
                             .rows = counts_.MostHit(kUsualRows),
                             .refused = log_.Refused(),
                             .slowest = log_.Slowest(),
                             .trial = trial,
                             .answer = call.query.empty() ? "" : AnswerTo(trial, trials_)}),
          // Allows only the page's own style, and no frames.
          .fields = {{"Content-Security-Policy",
                      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
                      "frame-ancestors 'none'; base-uri 'none'"},
                     {"Referrer-Policy", "no-referrer"}}};
}

}  // namespace fingerpost

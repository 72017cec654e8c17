// The Prometheus metrics: those of every gRPC server, under their customary names, and our own. No
// label ever holds a URL or a host.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/load/loader.h"
#include "rpc/caller_counts.h"
#include "rpc/meters.h"
#include "rpc/policy_counts.h"
#include "rpc/usage_service.h"
#include "server/accept_loop.h"
#include "server/gateway/passages.h"
#include "server/http/server.h"
#include "server/otlp/span_counts.h"

namespace fingerpost {

// The state of the process at the instant of a scrape, besides the counters.
struct State {
  bool serving = false;
  int calls = 0;                 // in progress
  uint64_t calls_gave_way = 0;   // at max-calls
  uint64_t calls_timed_out = 0;  // by write-timeout and stream-idle
  ConnectionCounts connections;
  std::vector<HttpCounts> http;         // one for each port
  std::vector<PassageCounts> passages;  // one for each door
  struct Memory {
    const char* limit;
    int64_t held;  // octets, by calls
    uint64_t refused_calls, refused_octets;
  };
  std::vector<Memory> memory;  // of Budget's parts
  std::string policy_file;     // "": the default policy
  std::string policy_version;
  int64_t policy_loaded_at = 0;  // seconds since 1970-01-01 UTC
  uint64_t policy_reloads = 0;
  uint64_t policy_partial_reloads = 0;  // some included file has a fault
  uint64_t policy_failures = 0;
  bool policy_is_old = false;  // the last load failed
  std::vector<policy::load::Included> policy_included;
  int policy_warnings = 0;
  std::vector<std::string> policy_problems;  // of the last load
  int policy_watchers = 0;
  uint64_t policy_sent_to_watchers = 0;
  uint64_t policy_sent_over_http = 0;
  struct Certificates {
    int64_t end = 0;  // seconds likewise; 0: no TLS
    uint64_t reloads = 0;
    uint64_t failures = 0;
  };
  Certificates certificates;                       // of --tls-cert
  Certificates site_certificates;                  // of --redirect-tls-cert
  bool knows_callers = false;                      // by client certificates
  std::vector<CallerCounts::Row> caller_counters;  // see CallerCounts
  std::vector<CallerCounts::Row> top_callers;
  UsageCounts usage;
  uint64_t log_lines_lost = 0;
  struct AccessLogFile {
    uint64_t lines_lost, errors;
  };
  std::optional<AccessLogFile> access_log;  // none: it is a part of the log
  std::optional<SpanCounts> spans;          // none: there are no traces
  int64_t started_at = 0;
};

// "its last good version".
[[nodiscard]] std::string_view Describe(policy::load::Included::State state);

// The text exposition format, version 0.0.4.
[[nodiscard]] std::string MetricsText(const Meters& meters, const State& state,
                                      const PolicyHits& hits);
inline constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace fingerpost

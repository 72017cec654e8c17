#include "server/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

#include "server/policy_metrics.h"
#include "version.h"

namespace fingerpost {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<std::pair<std::string_view, std::string>>;

// In the spelling of gRPC servers' metrics in every language.
constexpr std::array<std::string_view, kCodes> kCodeNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

ClientMetric Labelled(const Labels& labels) {
  ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({std::string(name), value});
  return metric;
}

class Families {
 public:
  MetricFamily& Add(std::string name, std::string help, MetricType type) {
    families_.push_back({std::move(name), std::move(help), type, {}});
    return families_.back();
  }
  void Add(std::vector<MetricFamily> families) {
    std::move(families.begin(), families.end(), std::back_inserter(families_));
  }
  void Gauge(std::string name, std::string help, double value, const Labels& labels = {}) {
    auto metric = Labelled(labels);
    metric.gauge.value = value;
    Add(std::move(name), std::move(help), MetricType::Gauge).metric.push_back(std::move(metric));
  }
  void Counter(std::string name, std::string help, double value) {
    Count(Add(std::move(name), std::move(help), MetricType::Counter), {}, value);
  }
  static void Count(MetricFamily& family, const Labels& labels, double value) {
    auto metric = Labelled(labels);
    metric.counter.value = value;
    family.metric.push_back(std::move(metric));
  }
  [[nodiscard]] std::string Text() const {
    return prometheus::TextSerializer().Serialize(families_);
  }

 private:
  std::vector<MetricFamily> families_;
};

Labels MethodLabels(const MethodInfo& method) {
  return {{"grpc_type", std::string(method.type)},
          {"grpc_service", std::string(method.service)},
          {"grpc_method", std::string(method.name)}};
}

// Calls `visit` for each method of one of the transports, and its counts.
template <typename Visit>
void ForEachMethod(const Meters& meters, bool grpc, Visit visit) {
  for (size_t i = 0; i < kMethods.size(); ++i) {
    if (kMethods[i].IsGrpc() == grpc) visit(kMethods[i], meters.Calls(static_cast<Method>(i)));
  }
}

// One counter for each method.
void AddPerMethod(Families& families, const Meters& meters, std::string name, std::string help,
                  uint64_t CallCounts::*member) {
  MetricFamily& family = families.Add(std::move(name), std::move(help), MetricType::Counter);
  ForEachMethod(meters, true, [&](const MethodInfo& method, const CallCounts& counts) {
    Families::Count(family, MethodLabels(method), static_cast<double>(counts.*member));
  });
}

Labels RpcLabels(const MethodInfo& method) { return {{"rpc", std::string(method.name)}}; }

using LabelsOf = Labels (*)(const MethodInfo& method);

void AddHandled(Families& families, const Meters& meters, bool grpc, LabelsOf labels_of,
                std::string name, const char* code_label) {
  MetricFamily& family =
      families.Add(std::move(name), "Calls that have ended, by gRPC code", MetricType::Counter);
  ForEachMethod(meters, grpc, [&](const MethodInfo& method, const CallCounts& counts) {
    for (size_t code = 0; code < kCodes; ++code) {
      Labels labels = labels_of(method);
      labels.emplace_back(code_label, std::string(kCodeNames[code]));
      Families::Count(family, labels, static_cast<double>(counts.handled[code]));
    }
  });
}

void AddDurations(Families& families, const Meters& meters, bool grpc, LabelsOf labels_of,
                  std::string name) {
  MetricFamily& family = families.Add(std::move(name), "From a call's acceptance to its status",
                                      MetricType::Histogram);
  ForEachMethod(meters, grpc, [&](const MethodInfo& method, const CallCounts& counts) {
    ClientMetric metric = Labelled(labels_of(method));
    uint64_t sum = 0;
    for (size_t bucket = 0; bucket < counts.durations.size(); ++bucket) {
      sum += counts.durations[bucket];
      const double bound = bucket < kDurationBounds.size()
                               ? kDurationBounds[bucket]
                               : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({sum, bound});
    }
    metric.histogram.sample_count = sum;
    metric.histogram.sample_sum = static_cast<double>(counts.nanoseconds) * 1e-9;
    family.metric.push_back(std::move(metric));
  });
}

// "FORM_RESULT" for PURPOSE_FORM_RESULT; the number of a value without a name.
std::string ShortName(const std::string& name, std::string_view prefix, int number) {
  return name.size() > prefix.size() ? name.substr(prefix.size()) : std::to_string(number);
}

void AddAnswers(Families& families, const Meters& meters) {
  MetricFamily& decisions =
      families.Add("fingerpost_decisions_total",
                   "Answers of Decide; purpose POLICY: the policy chose it", MetricType::Counter);
  for (const policy::count::DecisionCount& d : meters.answers().Decisions()) {
    Families::Count(
        decisions,
        {{"outcome", ShortName(v1::Outcome_Name(d.outcome), "OUTCOME_", d.outcome)},
         {"purpose", d.purpose == v1::PURPOSE_UNSPECIFIED
                         ? "POLICY"
                         : ShortName(v1::Purpose_Name(d.purpose), "PURPOSE_", d.purpose)},
         {"status", std::to_string(d.status)},
         {"reason", ShortName(v1::ReasonCode_Name(d.reason), "REASON_CODE_", d.reason)}},
        static_cast<double>(d.count));
  }
  MetricFamily& follows =
      families.Add("fingerpost_follows_total",
                   "Answers of Follow; stop NEXT: there is a next request", MetricType::Counter);
  for (const policy::count::FollowCount& f : meters.answers().Follows()) {
    Families::Count(
        follows,
        {{"stop", f.stop == v1::STOP_REASON_UNSPECIFIED
                      ? "NEXT"
                      : ShortName(v1::StopReason_Name(f.stop), "STOP_REASON_", f.stop)}},
        static_cast<double>(f.count));
  }
  families.Counter("fingerpost_uncounted_decisions_total",
                   "Answers of Decide that fingerpost_decisions_total lacks",
                   static_cast<double>(meters.answers().Uncounted()));
}

// Of engines in other processes.
void AddUsage(Families& families, const UsageCounts& usage) {
  MetricFamily& answers =
      families.Add("fingerpost_reported_answers_total",
                   "Answers that engines in other processes have reported; the metrics of answers "
                   "and hits have them, too",
                   MetricType::Counter);
  Families::Count(answers, {{"rpc", "Decide"}}, static_cast<double>(usage.decisions));
  Families::Count(answers, {{"rpc", "Follow"}}, static_cast<double>(usage.follows));
  families.Counter("fingerpost_reported_unknown_hits_total",
                   "Hits in those reports of what the policy here does not have",
                   static_cast<double>(usage.unknown));
  families.Counter("fingerpost_reported_dropped_samples_total",
                   "Samples in those reports that are not shown: too many, too long, or of a newer "
                   "version",
                   static_cast<double>(usage.dropped_samples));
}

void AddCallers(Families& families, const State& state) {
  if (!state.knows_callers) return;
  MetricFamily& family =
      families.Add("fingerpost_caller_calls_total",
                   "Calls by the identity of the client certificate: the most frequent, and other",
                   MetricType::Counter);
  for (const auto& [caller, calls] : state.caller_counters) {
    Families::Count(family, {{"caller", caller}}, static_cast<double>(calls));
  }
}

void AddConnections(Families& families, const ConnectionCounts& connections) {
  families.Gauge("fingerpost_connections", "Connections to the gRPC port now", connections.now);
  families.Counter("fingerpost_connections_accepted_total", "Connections that gRPC was handed",
                   static_cast<double>(connections.accepted));
  MetricFamily& limited = families.Add(
      "fingerpost_connections_limited_total",
      "Connections refused or ended, by the limit that was reached", MetricType::Counter);
  for (size_t i = 0; i < kConnectionLimits; ++i) {
    Families::Count(limited, {{"limit", NameOf(static_cast<ConnectionLimit>(i))}},
                    static_cast<double>(connections.by_limit[i]));
  }
}

void AddHttp(Families& families, const std::vector<HttpCounts>& ports) {
  if (ports.empty()) return;
  MetricFamily& now = families.Add("fingerpost_http_connections",
                                   "Connections to the HTTP ports now", MetricType::Gauge);
  for (const HttpCounts& port : ports) {
    now.metric.push_back(Labelled({{"port", port.port}}));
    now.metric.back().gauge.value = port.now;
  }
  MetricFamily& accepted = families.Add("fingerpost_http_connections_accepted_total",
                                        "Connections that were admitted", MetricType::Counter);
  for (const HttpCounts& port : ports) {
    Families::Count(accepted, {{"port", port.port}}, static_cast<double>(port.accepted));
  }
  MetricFamily& limited = families.Add(
      "fingerpost_http_connections_limited_total",
      "Connections refused or ended, by the limit that was reached", MetricType::Counter);
  for (const HttpCounts& port : ports) {
    for (size_t i = 0; i < kHttpLimits; ++i) {
      Families::Count(limited, {{"port", port.port}, {"limit", NameOf(static_cast<HttpLimit>(i))}},
                      static_cast<double>(port.by_limit[i]));
    }
  }
}

void AddPassages(Families& families, const std::vector<PassageCounts>& doors) {
  if (doors.empty()) return;
  MetricFamily& family =
      families.Add("fingerpost_gateway_requests_total",
                   "Requests of web clients, by door and what became of them; unreadable, "
                   "unavailable: they went on without an answer of the policy",
                   MetricType::Counter);
  for (const PassageCounts& door : doors) {
    for (size_t i = 0; i < kPassages; ++i) {
      Families::Count(family,
                      {{"door", std::string(door.door)},
                       {"outcome", std::string(NameOf(static_cast<Passage>(i)))}},
                      static_cast<double>(door.by_passage[i]));
    }
  }
}

// Calls, and the memory that they hold.
void AddLimits(Families& families, const State& state) {
  MetricFamily& limited = families.Add("fingerpost_calls_limited_total",
                                       "Calls refused, or ended while they waited for their "
                                       "client, by the limit that was reached",
                                       MetricType::Counter);
  Families::Count(limited, {{"limit", "max-calls"}}, static_cast<double>(state.calls_gave_way));
  Families::Count(limited, {{"limit", "client-timeout"}},
                  static_cast<double>(state.calls_timed_out));
  for (const State::Memory& part : state.memory) {
    Families::Count(limited, {{"limit", part.limit}}, static_cast<double>(part.refused_calls));
  }
  MetricFamily& refused =
      families.Add("fingerpost_refused_octets_total",
                   "Octets that those calls would have held, by the limit", MetricType::Counter);
  for (const State::Memory& part : state.memory) {
    Families::Count(refused, {{"limit", part.limit}}, static_cast<double>(part.refused_octets));
  }
  MetricFamily& held = families.Add("fingerpost_held_octets",
                                    "Octets that calls hold now, by the limit", MetricType::Gauge);
  for (const State::Memory& part : state.memory) {
    auto metric = Labelled({{"limit", part.limit}});
    metric.gauge.value = static_cast<double>(part.held);
    held.metric.push_back(std::move(metric));
  }
}

// At most kMaxIncludes * kMaxFilesOfInclude of policy/load/includes.h.
void AddIncluded(Families& families, const std::vector<policy::load::Included>& included) {
  using State = policy::load::Included::State;
  MetricFamily& current = families.Add(
      "fingerpost_policy_file_current",
      "1: the included file answers as it is; 0: its last good version answers, or nothing of it",
      MetricType::Gauge);
  for (const policy::load::Included& file : included) {
    current.metric.push_back(Labelled({{"file", file.name}}));
    current.metric.back().gauge.value = file.state == State::kCurrent ? 1 : 0;
  }
  MetricFamily& since = families.Add("fingerpost_policy_file_last_success_timestamp_seconds",
                                     "When the version of the included file that answers was "
                                     "loaded; 0: none answers",
                                     MetricType::Gauge);
  for (const policy::load::Included& file : included) {
    since.metric.push_back(Labelled({{"file", file.name}}));
    since.metric.back().gauge.value = static_cast<double>(file.since);
  }
}

void AddCertificates(Families& families, const std::string& prefix, const std::string& which,
                     const State::Certificates& certificates) {
  if (certificates.end == 0) return;
  families.Gauge(prefix + "_expiry_timestamp_seconds", "When " + which + " ends",
                 static_cast<double>(certificates.end));
  MetricFamily& files = families.Add(prefix + "_reloads_total",
                                     "Changes of the TLS files after the start; a failure: "
                                     "the old certificate is served on",
                                     MetricType::Counter);
  Families::Count(files, {{"result", "success"}}, static_cast<double>(certificates.reloads));
  Families::Count(files, {{"result", "failure"}}, static_cast<double>(certificates.failures));
}

void AddState(Families& families, const State& state) {
  families.Gauge("fingerpost_serving", "1: health says SERVING", state.serving ? 1 : 0);
  families.Gauge("fingerpost_calls_in_progress", "Calls now, streams included", state.calls);
  AddLimits(families, state);
  AddUsage(families, state.usage);
  AddConnections(families, state.connections);
  AddHttp(families, state.http);
  AddPassages(families, state.passages);
  families.Gauge("fingerpost_policy_info", "1, with the version of the policy that answers", 1,
                 {{"version", state.policy_version}});
  families.Gauge("fingerpost_policy_last_success_timestamp_seconds",
                 "When the policy that answers was loaded",
                 static_cast<double>(state.policy_loaded_at));
  MetricFamily& reloads = families.Add("fingerpost_policy_reloads_total",
                                       "Loads of the policy after the first", MetricType::Counter);
  Families::Count(reloads, {{"result", "success"}}, static_cast<double>(state.policy_reloads));
  Families::Count(reloads, {{"result", "partial"}},
                  static_cast<double>(state.policy_partial_reloads));
  Families::Count(reloads, {{"result", "failure"}}, static_cast<double>(state.policy_failures));
  AddIncluded(families, state.policy_included);
  families.Gauge("fingerpost_policy_watchers", "Streams of WatchPolicy now", state.policy_watchers);
  MetricFamily& handed_out = families.Add(
      "fingerpost_policy_handed_out_total",
      "Times that the policy, or a part of it, was sent to a caller", MetricType::Counter);
  Families::Count(handed_out, {{"way", "watch"}},
                  static_cast<double>(state.policy_sent_to_watchers));
  Families::Count(handed_out, {{"way", "http"}}, static_cast<double>(state.policy_sent_over_http));
  families.Gauge("fingerpost_policy_warnings", "Warnings of the last load", state.policy_warnings);
  AddCertificates(families, "fingerpost_certificate", "the certificate of --tls-cert",
                  state.certificates);
  AddCertificates(families, "fingerpost_site_certificate",
                  "the first certificate of --redirect-tls-cert", state.site_certificates);
  families.Counter("fingerpost_log_lines_lost_total",
                   "Lines of the logs that standard error did not take in time",
                   static_cast<double>(state.log_lines_lost));
  if (state.access_log) {
    families.Counter("fingerpost_access_log_lines_lost_total",
                     "Lines that --access-log-file did not take in time",
                     static_cast<double>(state.access_log->lines_lost));
    families.Counter("fingerpost_access_log_errors_total",
                     "Failed tries to write --access-log-file, such as on a full disk",
                     static_cast<double>(state.access_log->errors));
  }
  if (state.spans) {
    MetricFamily& spans =
        families.Add("fingerpost_otlp_spans_total",
                     "Spans for the collector, by what became of them", MetricType::Counter);
    for (size_t i = 0; i < state.spans->size(); ++i) {
      Families::Count(spans, {{"result", kSpanResults[i]}}, static_cast<double>((*state.spans)[i]));
    }
  }
  families.Gauge("fingerpost_build_info", "1, with the version", 1, {{"version", kVersion}});
  families.Gauge("process_start_time_seconds", "When the process started",
                 static_cast<double>(state.started_at));
}

}  // namespace

std::string_view Describe(policy::load::Included::State state) {
  switch (state) {
    case policy::load::Included::State::kCurrent:
      return "the file as it is";
    case policy::load::Included::State::kLastGood:
      return "its last good version";
    case policy::load::Included::State::kLeftOut:
      break;
  }
  return "nothing of it";
}

std::string MetricsText(const Meters& meters, const State& state, const PolicyHits& hits) {
  Families families;
  AddPerMethod(families, meters, "grpc_server_started_total", "Calls that have been accepted",
               &CallCounts::started);
  AddHandled(families, meters, true, MethodLabels, "grpc_server_handled_total", "grpc_code");
  AddPerMethod(families, meters, "grpc_server_msg_received_total", "Messages from clients",
               &CallCounts::received);
  AddPerMethod(families, meters, "grpc_server_msg_sent_total", "Messages to clients",
               &CallCounts::sent);
  AddDurations(families, meters, true, MethodLabels, "grpc_server_handling_seconds");
  AddHandled(families, meters, false, RpcLabels, "fingerpost_http_requests_total", "code");
  AddDurations(families, meters, false, RpcLabels, "fingerpost_http_handling_seconds");
  AddCallers(families, state);
  AddAnswers(families, meters);
  families.Add(PolicyMetrics(hits));
  AddState(families, state);
  return families.Text();
}

}  // namespace fingerpost

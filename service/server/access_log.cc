#include "server/access_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

#include "core/http/url.h"
#include "core/message/json.h"
#include "fingerpost/v1/policy_service.pb.h"
#include "fingerpost/v1/redirect_service.pb.h"
#include "rpc/envoy.h"
#include "rpc/redirect_service.h"
#include "rpc/usage_faults.h"
#include "server/code_name.h"
#include "server/otlp/trace_context.h"

namespace fingerpost {
namespace {

constexpr size_t kKept = 20;           // as many as an operator reads
constexpr size_t kMaxRequestId = 128;  // a UUID has 36
constexpr std::chrono::nanoseconds kLongestSample = std::chrono::hours(1);

// Bits of Wants.
constexpr unsigned kLine = 1;
constexpr unsigned kRefused = 2;
constexpr unsigned kSlow = 4;
constexpr unsigned kSamples = 8;

bool IsReport(const CallSummary& call) {
  return call.method == Method::kReportUsage || call.method == Method::kReportUsageOverHttp;
}

// Writes one JSON object.
class Object {
 public:
  void Text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    std::string text;
    message::AppendJsonString(value, text);
    Raw(name, text);
  }
  // None: nothing.
  void Texts(std::string_view name, const google::protobuf::RepeatedPtrField<std::string>& values) {
    if (values.empty()) return;
    std::string list = "[";
    for (const std::string& value : values) {
      if (list.size() > 1) list += ',';
      message::AppendJsonString(value, list);
    }
    Raw(name, list + ']');
  }
  void Number(std::string_view name, double value) { Raw(name, fmt::format("{:.1f}", value)); }
  void Number(std::string_view name, int64_t value) { Raw(name, std::to_string(value)); }
  [[nodiscard]] std::string Finish() { return out_ + "}"; }

 private:
  void Raw(std::string_view name, const std::string& value) {
    out_ += fmt::format("{}\"{}\":{}", out_.size() == 1 ? "" : ",", name, value);
  }
  std::string out_ = "{";
};

std::string Now() {
  const auto now = SystemClock();
  const std::time_t seconds = now.seconds();
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  return fmt::format("{}.{:06}Z", text, now.nanos() / 1000);
}

// Keeps a line within the limit of log collectors (mostly 16 KiB).
std::string Cut(std::string text) {
  constexpr size_t kLongest = 2048;
  if (text.size() <= kLongest) return text;
  size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // UTF-8
  text.resize(end);
  return text + "…";
}

// Scheme, host and path of an http or https URL; otherwise nothing, because a password may be
// anywhere in the text: "admin:PW@shop.example/" is a URL with the scheme "admin".
std::string WithoutSecrets(const std::string& text) {
  const auto url = http::ParseUrl(text);
  return url && http::IsHttp(*url) ? http::Redacted(*url) : std::string();
}

void AddHttp(const v1::HttpRequest& http, Object& line) {
  constexpr size_t kLongestMethod = 64;
  if (http.method().size() <= kLongestMethod) line.Text("method", http.method());
  if (!http.url().empty()) line.Text("url", Cut(WithoutSecrets(http.url())));
}

void AddAnswer(const v1::DecideResponse& answer, Object& line) {
  line.Text("outcome", v1::Outcome_Name(answer.outcome()));
  if (answer.status() != 0) line.Number("status", int64_t{answer.status()});
  line.Text("reason", v1::ReasonCode_Name(answer.reason().code()));
  line.Text("rule", answer.rule());
  line.Texts("shadow_rules", answer.shadow_rules());
  line.Text("policy_version", answer.policy_version());
}

void AddAnswer(const v1::FollowResponse& answer, Object& line) {
  line.Text("stop", answer.has_stop() ? v1::StopReason_Name(answer.stop().reason()) : "");
}

template <typename Request, typename Response>
void AddOne(const CallRecord& record, Object& line) {
  AddHttp(static_cast<const Request&>(record.request).request(), line);
  if (record.summary.response != nullptr) {
    AddAnswer(*static_cast<const Response*>(record.summary.response), line);
  }
}

void AddQuestion(const CallRecord& record, Object& line) {
  switch (record.summary.method) {
    case Method::kDecide:
    case Method::kDecideOverHttp:
    case Method::kGateway:
    case Method::kSite:
      return AddOne<v1::DecideRequest, v1::DecideResponse>(record, line);
    case Method::kFollow:
    case Method::kFollowOverHttp:
      return AddOne<v1::FollowRequest, v1::FollowResponse>(record, line);
    case Method::kBatchDecide:
    case Method::kBatchFollow:
    case Method::kStreamDecide:
    case Method::kStreamFollow:
      return line.Number("requests", int64_t{record.questions});
    case Method::kCheck:
      AddHttp(FromEnvoy(static_cast<const envoy::service::auth::v3::CheckRequest&>(record.request))
                  .request(),
              line);
      if (record.summary.response != nullptr) {
        AddAnswer(*static_cast<const v1::DecideResponse*>(record.summary.response), line);
      }
      return;
    case Method::kReportUsage:
    case Method::kReportUsageOverHttp:
      return line.Text("agent",
                       Cut(static_cast<const v1::ReportUsageRequest&>(record.request).agent()));
    case Method::kWatchPolicy:
    case Method::kPolicyOverHttp:
    case Method::kOpenApiOverHttp:
      return;
  }
}

// An id for a call without one, so that a caller's report can be found in the log.
std::string MakeRequestId() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return fmt::format("{:016x}", random());
}

bool IsRefused(const CallSummary& call) {
  if (call.code != grpc::StatusCode::OK) return true;
  const auto* answer = google::protobuf::DynamicCastToGenerated<v1::DecideResponse>(call.response);
  return answer != nullptr && answer->outcome() == v1::OUTCOME_REFUSE;
}

}  // namespace

std::string TraceId(std::string_view traceparent) {
  const auto parent = ParseTraceParent(traceparent);
  return parent ? ToHex(parent->trace) : std::string();
}

std::string AccessLine(const CallRecord& record) {
  const CallSummary& call = record.summary;
  Object line;
  line.Text("ts", Now());
  line.Text("msg", "call");
  line.Text("rpc", kMethods[static_cast<size_t>(call.method)].name);
  line.Text("transport", record.transport);
  line.Text("code", CodeName(call.code));
  if (call.duration.count() > 0) {  // Of a sample it may be unknown.
    line.Number("duration_us", std::chrono::duration<double, std::micro>(call.duration).count());
  }
  line.Text("peer", record.peer);
  if (!record.caller.empty()) line.Text("caller", record.caller.front());
  line.Text("trace_id", TraceId(record.traceparent));
  const bool has_id = !record.request_id.empty() && record.request_id.size() <= kMaxRequestId;
  line.Text("request_id", has_id ? record.request_id : MakeRequestId());
  line.Text("error", Cut(record.error));
  AddQuestion(record, line);
  return line.Finish();
}

std::string AccessLossLine(uint64_t lost) {
  Object line;
  line.Text("ts", Now());
  line.Text("msg", "lost");
  line.Number("lines", static_cast<int64_t>(lost));
  return line.Finish() + '\n';
}

AccessLog::AccessLog(const Settings& settings, LineWriter& out)
    : mode_(settings.access_log == "all"      ? Mode::kAll
            : settings.access_log == "errors" ? Mode::kErrors
                                              : Mode::kOff),
      sample_(static_cast<uint64_t>(settings.access_log_sample)),
      out_(out) {}

unsigned AccessLog::Wants(const CallSummary& call) {
  unsigned wanted = 0;
  const bool failed = call.code != grpc::StatusCode::OK;
  if ((mode_ == Mode::kAll || (mode_ == Mode::kErrors && failed)) &&
      lines_.fetch_add(1, std::memory_order_relaxed) % sample_ == 0) {
    wanted |= kLine;
  }
  if (IsRefused(call)) wanted |= kRefused;
  if (IsReport(call) && !failed) wanted |= kSamples;
  // A watch lasts as long as its client.
  if (call.method != Method::kWatchPolicy &&
      call.duration.count() > slow_enough_.load(std::memory_order_relaxed)) {
    wanted |= kSlow;
  }
  return wanted;
}

void AccessLog::Finished(unsigned wanted, const CallRecord& record) {
  if ((wanted & kSamples) != 0) KeepSamples(record);
  if ((wanted & ~kSamples) != 0) Keep(wanted, record);
}

// As calls of those who report.
void AccessLog::KeepSamples(const CallRecord& record) {
  const auto& report = static_cast<const v1::ReportUsageRequest&>(record.request);
  for (const v1::DecisionSample* sample : GoodSamples(report)) {
    v1::DecideResponse answer = sample->response();
    answer.set_policy_version(report.policy_version());
    const std::chrono::nanoseconds duration(
        std::min<uint64_t>(sample->duration_nanos(), kLongestSample.count()));
    const CallSummary summary{Method::kDecide, grpc::StatusCode::OK, duration, &answer};
    if (const unsigned wanted = Wants(summary); wanted != 0) {
      Keep(wanted, {.summary = summary,
                    .transport = "engine",
                    .peer = record.peer,
                    .caller = record.caller,
                    .traceparent = {},
                    .request_id = {},
                    .request = sample->request()});
    }
  }
}

void AccessLog::Keep(unsigned wanted, const CallRecord& record) {
  const std::string line = AccessLine(record);
  if ((wanted & kLine) != 0) out_.Write(line + "\n");
  const std::lock_guard lock(mutex_);
  if ((wanted & kRefused) != 0) {
    refused_.push_front(line);
    if (refused_.size() > kKept) refused_.pop_back();
  }
  if ((wanted & kSlow) != 0) {
    const auto duration = record.summary.duration;
    const auto place = std::upper_bound(
        slowest_.begin(), slowest_.end(), duration,
        [](std::chrono::nanoseconds d, const Slow& slow) { return d > slow.duration; });
    slowest_.insert(place, {duration, line});
    if (slowest_.size() > kKept) slowest_.pop_back();
    if (slowest_.size() == kKept) slow_enough_ = slowest_.back().duration.count();
  }
}

std::vector<std::string> AccessLog::Refused() const {
  const std::lock_guard lock(mutex_);
  return {refused_.begin(), refused_.end()};
}

std::vector<std::string> AccessLog::Slowest() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  for (const Slow& slow : slowest_) lines.push_back(slow.line);
  return lines;
}

}  // namespace fingerpost

// Counters of calls and answers.
//
// Each thread counts in its own shard, without locks or shared writes; a reader adds the shards up.
// That costs a few nanoseconds per answer; a shared histogram would cost a lock.
#pragma once

#include <grpcpp/support/status.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "policy/count/answer_counts.h"

namespace fingerpost {

enum class Method {
  kDecide,
  kFollow,
  kBatchDecide,
  kBatchFollow,
  kStreamDecide,
  kStreamFollow,
  kCheck,  // Envoy's
  kWatchPolicy,
  kReportUsage,
  kDecideOverHttp,  // HTTP/JSON
  kFollowOverHttp,
  kReportUsageOverHttp,
  kPolicyOverHttp,   // GET /v1/policy
  kOpenApiOverHttp,  // GET /v1/openapi.json
  kGateway,          // /v1/gateway
  kSite,             // --redirect-listen
};

struct MethodInfo {
  std::string_view name;
  std::string_view type;  // grpc_type of the metrics of gRPC servers; "" over HTTP
  std::string_view service = "fingerpost.v1.RedirectService";

  [[nodiscard]] constexpr bool IsGrpc() const { return !type.empty(); }
};
inline constexpr std::array kMethods = {
    MethodInfo{"Decide", "unary"},
    MethodInfo{"Follow", "unary"},
    MethodInfo{"BatchDecide", "unary"},
    MethodInfo{"BatchFollow", "unary"},
    MethodInfo{"StreamDecide", "bidi_stream"},
    MethodInfo{"StreamFollow", "bidi_stream"},
    MethodInfo{"Check", "unary", "envoy.service.auth.v3.Authorization"},
    MethodInfo{"WatchPolicy", "server_stream", "fingerpost.v1.PolicyService"},
    MethodInfo{"ReportUsage", "unary", "fingerpost.v1.PolicyService"},
    MethodInfo{"Decide", ""},
    MethodInfo{"Follow", ""},
    MethodInfo{"ReportUsage", "", "fingerpost.v1.PolicyService"},
    MethodInfo{"GetPolicy", "", "fingerpost.v1.PolicyService"},
    MethodInfo{"GetOpenApi", ""},
    MethodInfo{"Gateway", ""},
    MethodInfo{"Site", ""},
};

// Upper bounds of the buckets of call durations, in seconds; an answer takes microseconds.
inline constexpr std::array kDurationBounds = {5e-6, 1e-5,   2.5e-5, 5e-5,   1e-4, 2.5e-4, 5e-4,
                                               1e-3, 2.5e-3, 5e-3,   2.5e-2, 1e-1, 1.0};
inline constexpr size_t kCodes = 17;  // gRPC's, OK to UNAUTHENTICATED

struct CallCounts {
  uint64_t started = 0;
  uint64_t received = 0;  // messages
  uint64_t sent = 0;
  uint64_t nanoseconds = 0;  // of all finished calls
  std::array<uint64_t, kCodes> handled{};
  std::array<uint64_t, kDurationBounds.size() + 1> durations{};  // the last: above all bounds
};

class Meters {
 public:
  Meters();
  ~Meters();
  Meters(const Meters&) = delete;
  Meters& operator=(const Meters&) = delete;

  // Thread-safe.
  void Started(Method method);
  void Received(Method method);
  void Sent(Method method);
  void Finished(Method method, grpc::StatusCode code, std::chrono::nanoseconds duration);

  // Sums since the start, not all of one instant. None ever decreases.
  [[nodiscard]] CallCounts Calls(Method method) const;
  [[nodiscard]] policy::count::AnswerCounts& answers() { return answers_; }
  [[nodiscard]] const policy::count::AnswerCounts& answers() const { return answers_; }

 private:
  struct Shard;
  [[nodiscard]] Shard& Mine() const;

  std::unique_ptr<Shard[]> shards_;
  policy::count::AnswerCounts answers_;
};

}  // namespace fingerpost

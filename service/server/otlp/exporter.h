// Sends spans to an OpenTelemetry collector, by OTLP over gRPC, from a thread of its own. Whoever
// adds a span never waits: beyond a number that wait, spans are dropped and counted.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"
#include "server/otlp/span.h"
#include "server/otlp/span_counts.h"
#include "server/settings.h"

namespace fingerpost {

class SpanExporter {
 public:
  // As in OpenTelemetry's own batch processors, but with a shorter delay and a longer queue.
  static constexpr size_t kBatch = 512;
  static constexpr size_t kMostWaiting = 8192;
  // For all that waits at the end.
  static constexpr std::chrono::milliseconds kLastPatience{1000};

  struct Options {
    std::string endpoint;  // HOST:PORT
    std::string ca = {};   // PEM, of the collector's authorities; "": plaintext
    std::string http_scheme = "http";
    opentelemetry::proto::resource::v1::Resource resource = {};
    // Of the first span of a batch.
    std::chrono::milliseconds delay{1000};
    // Between two tries of a batch: this, twice, four times this.
    std::chrono::milliseconds backoff{500};
    // For a batch, and for all that waits at the end.
    std::chrono::milliseconds patience{10'000};
    std::chrono::milliseconds last_patience = kLastPatience;
  };

  explicit SpanExporter(Options options);
  // Ends without what still waits.
  ~SpanExporter();
  SpanExporter(const SpanExporter&) = delete;
  SpanExporter& operator=(const SpanExporter&) = delete;

  // Thread-safe.
  void Add(FinishedCall call);
  // Sends what waits, as far as the last patience allows, and ends. Add() drops from now on.
  void Close();
  [[nodiscard]] SpanCounts counts() const;

 private:
  using Clock = std::chrono::steady_clock;
  using Calls = std::vector<FinishedCall>;
  using Request = opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
  using Response = opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;

  void Run();
  // Waits for a batch. False: no more will come.
  [[nodiscard]] bool Take(Calls& calls);
  [[nodiscard]] Request ToRequest(const FinishedCall* begin, const FinishedCall* end) const;
  void Send(const Request& request, size_t spans);
  // With several tries.
  [[nodiscard]] grpc::Status Deliver(const Request& request, Response& response);
  [[nodiscard]] grpc::Status Try(const Request& request, Response& response);
  // False: the end has come.
  [[nodiscard]] bool Wait(std::chrono::milliseconds time);
  void Count(SpanResult result, size_t spans);
  // Logs failures, once a minute at most, and their end.
  void Log(const grpc::Status& status);

  const Options options_;
  const std::unique_ptr<opentelemetry::proto::collector::trace::v1::TraceService::Stub> stub_;
  std::array<std::atomic<uint64_t>, kSpanResults.size()> counts_{};

  // Of the exporter's thread.
  bool has_answered_ = false;
  bool failing_ = false;
  Clock::time_point told_{};

  std::mutex mutex_;
  std::condition_variable changed_;
  Calls waiting_;
  bool closing_ = false;
  bool closed_ = false;    // The thread is over.
  bool given_up_ = false;  // Nothing more is sent.
  Clock::time_point end_ = Clock::time_point::max();
  grpc::ClientContext* call_ = nullptr;  // in progress
  std::thread thread_;
};

// Reads the file of --otlp-tls-ca and the variables of the resource. Throws Failure. `tls`: of the
// HTTP port.
[[nodiscard]] SpanExporter::Options ExporterOptions(const Settings& settings, bool tls);

}  // namespace fingerpost

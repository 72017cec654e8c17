// The exporter against a collector in this process: batches, retries, bounds, and the end.
#include "server/otlp/exporter.h"

#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <numeric>
#include <vector>

#include "server/raw_call.h"

namespace fingerpost {
namespace {

using namespace std::chrono_literals;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;
using opentelemetry::proto::collector::trace::v1::TraceService;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::kPatience;
using ::testing::Le;
using ::testing::SizeIs;

int SpansIn(const ExportTraceServiceRequest& request) {
  int spans = 0;
  for (const auto& sender : request.resource_spans()) {
    for (const auto& part : sender.scope_spans()) spans += part.spans_size();
  }
  return spans;
}

class Collector final : public TraceService::Service {
 public:
  // Called for each try with spans, with its number.
  using Answer = std::function<grpc::Status(int number, grpc::ServerContext& context,
                                            ExportTraceServiceResponse& response)>;

  explicit Collector(Answer answer = {}, const std::string& address = "127.0.0.1:0")
      : answer_(std::move(answer)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Collector() override { server_->Shutdown(std::chrono::system_clock::now()); }

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  grpc::Status Export(grpc::ServerContext* context, const ExportTraceServiceRequest* request,
                      ExportTraceServiceResponse* response) override {
    const int spans = SpansIn(*request);
    if (spans == 0) return grpc::Status::OK;  // The first one only tries the endpoint.
    int number = 0;
    {
      const std::lock_guard lock(mutex_);
      tries_.push_back(spans);
      number = static_cast<int>(tries_.size());
    }
    more_.notify_all();
    return answer_ ? answer_(number, *context, *response) : grpc::Status::OK;
  }

  // The numbers of spans of all tries, once there are so many.
  std::vector<int> Tries(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(more_.wait_for(lock, kPatience, [&] { return tries_.size() >= count; }));
    return tries_;
  }

 private:
  const Answer answer_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<int> tries_;
};

SpanExporter::Options To(const Collector& collector) {
  return {.endpoint = collector.address(), .delay = 10ms, .backoff = 1ms};
}

FinishedCall Call() {
  FinishedCall call;
  call.trace = {1};
  call.span = {2};
  return call;
}

void Add(SpanExporter& exporter, size_t spans) {
  for (size_t i = 0; i < spans; ++i) exporter.Add(Call());
}

uint64_t CountOf(const SpanExporter& exporter, SpanResult result) {
  return exporter.counts()[static_cast<size_t>(result)];
}

// Counted when the collector has answered.
void WaitFor(const SpanExporter& exporter, SpanResult result, uint64_t spans) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (CountOf(exporter, result) < spans && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_EQ(CountOf(exporter, result), spans);
}

TEST(SpanExporter, SendsEverySpanInBoundedBatches) {
  Collector collector;
  SpanExporter exporter(To(collector));
  Add(exporter, 3);
  WaitFor(exporter, SpanResult::kSent, 3);
  Add(exporter, 2 * SpanExporter::kBatch + 1);
  WaitFor(exporter, SpanResult::kSent, 2 * SpanExporter::kBatch + 4);
  EXPECT_THAT(collector.Tries(0), Each(Le(int{SpanExporter::kBatch})));
}

TEST(SpanExporter, TriesAgainWhatMaySucceed) {
  for (const auto code : {grpc::UNAVAILABLE, grpc::CANCELLED, grpc::ABORTED, grpc::DATA_LOSS,
                          grpc::OUT_OF_RANGE, grpc::DEADLINE_EXCEEDED}) {
    Collector collector([code](int number, auto&, auto&) {
      return number < 3 ? grpc::Status(code, "not now") : grpc::Status::OK;
    });
    SpanExporter exporter(To(collector));
    Add(exporter, 1);
    WaitFor(exporter, SpanResult::kSent, 1);
    EXPECT_THAT(collector.Tries(3), ElementsAre(1, 1, 1)) << code;
  }
}

TEST(SpanExporter, GivesUpAfterSeveralTriesAndAtOnceWhatCannotSucceed) {
  for (const auto& [code, tries] :
       std::vector<std::pair<grpc::StatusCode, size_t>>{{grpc::UNAVAILABLE, 4},
                                                        {grpc::INVALID_ARGUMENT, 1},
                                                        {grpc::UNIMPLEMENTED, 1},
                                                        {grpc::RESOURCE_EXHAUSTED, 1},
                                                        {grpc::UNAUTHENTICATED, 1}}) {
    Collector collector([code = code](int, auto&, auto&) { return grpc::Status(code, "never"); });
    SpanExporter exporter(To(collector));
    Add(exporter, 1);
    WaitFor(exporter, SpanResult::kFailed, 1);
    EXPECT_THAT(collector.Tries(tries), SizeIs(tries)) << code;
  }
}

TEST(SpanExporter, CountsWhatTheCollectorRejects) {
  // More than were sent is as many as were sent.
  for (const auto& [rejected, counted] : {std::pair{2, 2}, std::pair{100, 5}, std::pair{-1, 0}}) {
    Collector collector([rejected = rejected](int, auto&, ExportTraceServiceResponse& response) {
      response.mutable_partial_success()->set_rejected_spans(rejected);
      return grpc::Status::OK;
    });
    SpanExporter exporter(To(collector));
    Add(exporter, 5);
    exporter.Close();
    EXPECT_EQ(CountOf(exporter, SpanResult::kRejected), static_cast<uint64_t>(counted));
    EXPECT_EQ(CountOf(exporter, SpanResult::kSent), static_cast<uint64_t>(5 - counted));
  }
}

TEST(SpanExporter, DropsWhatHasNoRoomAndHoldsNobody) {
  SpanExporter exporter({.endpoint = "127.0.0.1:1", .delay = 1h});
  Add(exporter, 3 * SpanExporter::kMostWaiting);
  // Its thread may have taken what waited, once.
  EXPECT_GE(CountOf(exporter, SpanResult::kDropped), SpanExporter::kMostWaiting);
  exporter.Close();
  const SpanCounts counts = exporter.counts();
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), uint64_t{0}),
            3 * SpanExporter::kMostWaiting);
}

TEST(SpanExporter, SendsWhatWaitsAtTheEnd) {
  Collector collector;
  auto options = To(collector);
  options.delay = 1h;
  options.last_patience = kPatience;
  SpanExporter exporter(options);
  Add(exporter, 5);
  exporter.Close();
  EXPECT_EQ(CountOf(exporter, SpanResult::kSent), 5U);
  Add(exporter, 1);
  EXPECT_EQ(CountOf(exporter, SpanResult::kDropped), 1U);
}

// An unreachable collector, and one that does not answer.
TEST(SpanExporter, EndsInTimeWhateverTheCollectorDoes) {
  Collector silent([](int, grpc::ServerContext& context, auto&) {
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  });
  for (const std::string& endpoint : {silent.address(), std::string("127.0.0.1:1")}) {
    SpanExporter exporter(
        {.endpoint = endpoint, .delay = 1ms, .patience = 1h, .last_patience = 100ms});
    Add(exporter, 5);
    const auto begin = std::chrono::steady_clock::now();
    exporter.Close();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, kPatience);
    EXPECT_EQ(CountOf(exporter, SpanResult::kFailed), 5U);
  }
}

}  // namespace
}  // namespace fingerpost

#include "rpc/health.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "rpc/answerers.h"
#include "rpc/unary_call.h"

namespace fingerpost {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using Api = grpc::health::v1::Health;
using AsyncHealth = Api::WithRawMethod_Check<Api::WithAsyncMethod_Watch<Api::Service>>;

// A few probes and load balancers ask for health, which is answered even when other calls are
// refused.
constexpr int kMaxWatches = 10000;
constexpr size_t kLongestQuestion = 4 << 10;  // octets, kept by a watch
constexpr int kWaiting = 4;

grpc::Status Check(const HealthService& health, const HealthCheckRequest& request,
                   HealthCheckResponse& response) {
  const auto status = health.StatusOf(request.service());
  if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
    return {grpc::StatusCode::NOT_FOUND, "no such service"};
  }
  response.set_status(status);
  return grpc::Status::OK;
}

// One Watch: the current status, and each change until the client leaves or the server drains.
class WatchCall final : public LongCall {
 public:
  struct Setup {
    AsyncHealth* service;
    const HealthService* health;
    absl::flat_hash_set<WatchCall*>* watches;  // of this worker
  };
  using Pool = CallPool<WatchCall, Setup>;

  explicit WatchCall(Pool& pool)
      : pool_(pool),
        accepted_(*this, &WatchCall::OnAccepted),
        written_(*this, &WatchCall::OnWritten),
        finished_(*this, &WatchCall::OnFinished),
        gone_(*this, &WatchCall::OnGone) {}

  void Listen() {
    context_.emplace();
    context_->AsyncNotifyWhenDone(&gone_);
    writer_.emplace(&*context_);
    writing_ = finishing_ = finish_over_ = client_gone_ = false;
    sent_ = HealthCheckResponse::UNKNOWN;
    auto& queue = pool_.worker.queue();
    pool_.setup.service->RequestWatch(&*context_, &request_, &*writer_, &queue, &queue, &accepted_);
  }

  // Writes the status if it differs from the last one written.
  void Update() {
    if (writing_ || finishing_ || client_gone_ || pool_.worker.closed()) return;
    if (pool_.worker.draining()) return Finish(ShuttingDown());
    const auto status = pool_.setup.health->StatusOf(request_.service());
    if (status == sent_) return;
    sent_ = status;
    HealthCheckResponse response;
    response.set_status(status);
    writing_ = true;
    writer_->Write(response, &written_);
  }

  void Drain() override { Update(); }

 private:
  void OnAccepted(bool ok) {
    if (!ok) return pool_.Recycle(this);  // The server stops.
    pool_.Listen();
    pool_.worker.Add(*this);
    pool_.setup.watches->insert(this);
    const size_t size = request_.ByteSizeLong();
    if (auto* asked = pool_.gate.AskedBy(*context_)) Traffic::Asked(*asked, size);
    if (size > pool_.gate.max_message_size) {
      request_ = {};
      return Finish(TooLarge(size, pool_.gate.max_message_size));
    }
    entered_ = pool_.gate.Enter();
    if (!entered_) return Finish(Refusal(*context_, pool_.gate, entered_));
    Update();
  }

  void OnWritten(bool /*ok*/) {
    writing_ = false;
    Update();
    LeaveIfOver();
  }

  void Finish(const grpc::Status& status) {
    if (pool_.worker.closed()) return;
    finishing_ = true;
    writer_->Finish(status, &finished_);
  }

  void OnFinished(bool /*ok*/) {
    finish_over_ = true;
    LeaveIfOver();
  }

  // The client has cancelled, or the status has reached it.
  void OnGone(bool /*ok*/) {
    client_gone_ = true;
    LeaveIfOver();
  }

  void LeaveIfOver() {
    if (!client_gone_ || writing_ || (finishing_ && !finish_over_)) return;
    pool_.worker.Remove(*this);
    pool_.setup.watches->erase(this);
    if (entered_) pool_.gate.Leave();
    pool_.Recycle(this);
  }

  Pool& pool_;
  EventFor<WatchCall> accepted_;
  EventFor<WatchCall> written_;
  EventFor<WatchCall> finished_;
  EventFor<WatchCall> gone_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncWriter<HealthCheckResponse>> writer_;
  HealthCheckRequest request_;
  HealthCheckResponse::ServingStatus sent_ = HealthCheckResponse::UNKNOWN;
  bool entered_ = false;
  bool writing_ = false;
  bool finishing_ = false;
  bool finish_over_ = false;
  bool client_gone_ = false;
};

}  // namespace

class HealthService::Service {
 public:
  AsyncHealth async;
  CallGate gate{.max_calls = kMaxWatches, .max_message_size = kLongestQuestion};
};

// The part of one worker.
class HealthService::OnWorker {
 public:
  using CheckPool = UnaryCall<AsyncHealth>::Pool;

  OnWorker(const HealthService& health, Service& service, Worker& worker)
      : worker_(worker),
        checks_(worker, service.gate,
                {Method{}, &service.async, &AsyncHealth::RequestCheck,
                 AnswerOne<HealthCheckRequest, HealthCheckResponse>(
                     [&health](HealthCheckRequest& request, HealthCheckResponse& response,
                               Deadline /*deadline*/,
                               Share& /*share*/) { return Check(health, request, response); })}),
        watch_pool_(worker, service.gate, {&service.async, &health, &watches_}) {
    for (int i = 0; i < kWaiting; ++i) {
      checks_.Listen();
      watch_pool_.Listen();
    }
  }

  void Changed() {
    worker_.Post([this] {
      const auto watches = watches_;  // Update() may remove watches.
      for (WatchCall* watch : watches) watch->Update();
    });
  }

 private:
  Worker& worker_;
  absl::flat_hash_set<WatchCall*> watches_;
  CheckPool checks_;
  WatchCall::Pool watch_pool_;
};

HealthService::HealthService(std::vector<std::string> names)
    : names_(std::move(names)), service_(std::make_unique<Service>()) {}

HealthService::~HealthService() = default;

void HealthService::CountIn(Traffic* traffic) { service_->gate.traffic = traffic; }

void HealthService::Register(grpc::ServerBuilder& builder) {
  builder.RegisterService(&service_->async);
}

void HealthService::Listen(Worker& worker) {
  workers_.push_back(std::make_unique<OnWorker>(*this, *service_, worker));
}

void HealthService::SetServing(bool serving) {
  serving_ = serving;
  for (auto& worker : workers_) worker->Changed();
}

HealthCheckResponse::ServingStatus HealthService::StatusOf(std::string_view name) const {
  if (std::find(names_.begin(), names_.end(), name) == names_.end()) {
    return HealthCheckResponse::SERVICE_UNKNOWN;
  }
  return serving_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

}  // namespace fingerpost

#include "rpc/grpc_server.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "envoy/service/auth/v3/external_auth.grpc.pb.h"
#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "rpc/answerers.h"
#include "rpc/envoy.h"
#include "rpc/error_status.h"
#include "rpc/health.h"
#include "rpc/stream_call.h"
#include "rpc/unary_call.h"

namespace fingerpost {
namespace {

namespace envoy_auth = envoy::service::auth::v3;
using Api = v1::RedirectService;

// Every method with its messages as octets.
using AsyncService = Api::WithRawMethod_Decide<
    Api::WithRawMethod_Follow<Api::WithRawMethod_BatchDecide<Api::WithRawMethod_BatchFollow<
        Api::WithRawMethod_StreamDecide<Api::WithRawMethod_StreamFollow<Api::Service>>>>>>;
using AsyncAuthorization =
    envoy_auth::Authorization::WithRawMethod_Check<envoy_auth::Authorization::Service>;

using Unary = UnaryCall<AsyncService>;
using Stream = StreamCall<AsyncService>;
using Usage = UnaryCall<AsyncPolicyService>;
using EnvoyCheck = UnaryCall<AsyncAuthorization>;

// Calls that wait to be accepted, per worker: enough for a burst on one connection to stay on its
// worker.
constexpr int kWaitingUnary = 64;
constexpr int kWaitingStreams = 8;
constexpr int kWaitingReports = 8;

// Wraps a plain function of RedirectService, with its Error as a status.
template <typename Request, typename Response>
std::unique_ptr<Answerer> Single(const RedirectService& service,
                                 message::Done (RedirectService::*function)(Request&, Response&,
                                                                            Deadline, Share*)
                                     const) {
  return AnswerOne<Request, Response>(
      [&service, function](Request& request, Response& response, Deadline deadline, Share& share) {
        const auto done = (service.*function)(request, response, deadline, &share);
        return done ? grpc::Status::OK : ToStatus(done.error());
      });
}

std::unique_ptr<Answerer> Decisions(const RedirectService& service) {
  return std::make_unique<BatchAnswerer<v1::DecideRequest, v1::DecideResponse>>(service);
}

std::unique_ptr<Answerer> Hops(const RedirectService& service) {
  return std::make_unique<BatchAnswerer<v1::FollowRequest, v1::FollowResponse>>(service);
}

std::unique_ptr<Answerer> UsageReports(UsageService* usage) {
  return AnswerOne<v1::ReportUsageRequest, v1::ReportUsageResponse>(
      [usage](v1::ReportUsageRequest& request, v1::ReportUsageResponse& /*response*/,
              Deadline /*deadline*/, Share& /*share*/) {
        if (usage == nullptr) {
          return ToStatus(
              MakeError(v1::ERROR_REASON_NOT_IMPLEMENTED, "Usage is not counted here."));
        }
        const auto done = usage->Report(request);
        return done ? grpc::Status::OK : ToStatus(done.error());
      });
}

// Envoy's questions. Observers get the decision, not its form for Envoy.
class CheckAnswerer final : public Answerer {
 public:
  explicit CheckAnswerer(const RedirectService& service)
      : single_(AnswerOne<envoy_auth::CheckRequest, envoy_auth::CheckResponse>(
            [this, &service](envoy_auth::CheckRequest& request, envoy_auth::CheckResponse& response,
                             Deadline deadline, Share& /*share*/) {
              decision_ = std::make_unique<v1::DecideResponse>();
              return CheckForEnvoy(service, request, response, *decision_, deadline);
            })) {}

  Step Continue(Exchange& exchange, grpc::Status& status) override {
    return single_->Continue(exchange, status);
  }
  [[nodiscard]] bool TakesLong() const override { return single_->TakesLong(); }
  [[nodiscard]] const google::protobuf::Message& question() override { return single_->question(); }
  [[nodiscard]] const google::protobuf::Message* answer() override {
    const bool decided = single_->answer() != nullptr && decision_ != nullptr &&
                         decision_->outcome() != v1::OUTCOME_UNSPECIFIED;
    return decided ? decision_.get() : nullptr;
  }
  void Forget() override {
    single_->Forget();
    decision_.reset();
  }
  void Abandon() override {
    single_->Abandon();
    decision_.reset();
  }

 private:
  std::unique_ptr<v1::DecideResponse> decision_;
  const std::unique_ptr<Answerer> single_;
};

// All methods on one worker.
class Methods {
 public:
  Methods(AsyncService& service, AsyncPolicyService& policy, const RedirectService& handler,
          UsageService* usage, Worker& worker, CallGate& gate)
      : decide_(worker, gate,
                {Method::kDecide, &service, &AsyncService::RequestDecide,
                 Single(handler, &RedirectService::Decide)}),
        follow_(worker, gate,
                {Method::kFollow, &service, &AsyncService::RequestFollow,
                 Single(handler, &RedirectService::Follow)}),
        batch_decide_(worker, gate,
                      {Method::kBatchDecide, &service, &AsyncService::RequestBatchDecide,
                       Decisions(handler)}),
        batch_follow_(
            worker, gate,
            {Method::kBatchFollow, &service, &AsyncService::RequestBatchFollow, Hops(handler)}),
        stream_decide_(worker, gate,
                       {Method::kStreamDecide, &service, &AsyncService::RequestStreamDecide,
                        Decisions(handler)}),
        stream_follow_(
            worker, gate,
            {Method::kStreamFollow, &service, &AsyncService::RequestStreamFollow, Hops(handler)}),
        report_usage_(worker, gate,
                      {Method::kReportUsage, &policy, &AsyncPolicyService::RequestReportUsage,
                       UsageReports(usage)}) {
    // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): each owns what was moved into it.
  }

  void ServeEnvoy(AsyncAuthorization& service, const RedirectService& handler, Worker& worker,
                  CallGate& gate) {
    check_.emplace(worker, gate,
                   EnvoyCheck::Setup{Method::kCheck, &service, &AsyncAuthorization::RequestCheck,
                                     std::make_unique<CheckAnswerer>(handler)});
    for (int i = 0; i < kWaitingUnary; ++i) check_->Listen();
  }

  void Listen() {
    for (int i = 0; i < kWaitingUnary; ++i) {
      decide_.Listen();
      follow_.Listen();
    }
    for (int i = 0; i < kWaitingStreams; ++i) {
      batch_decide_.Listen();
      batch_follow_.Listen();
      stream_decide_.Listen();
      stream_follow_.Listen();
    }
    for (int i = 0; i < kWaitingReports; ++i) report_usage_.Listen();
  }

 private:
  std::optional<EnvoyCheck::Pool> check_;
  Unary::Pool decide_, follow_, batch_decide_, batch_follow_;
  Stream::Pool stream_decide_, stream_follow_;
  Usage::Pool report_usage_;
};

}  // namespace

class GrpcServer::Impl {
 public:
  Impl(const RedirectService& handler, const GrpcServerOptions& options)
      : handler_(handler),
        threads_(options.threads),
        usage_(options.usage),
        envoy_(options.envoy),
        patience_(options.patience),
        gate_{options.max_calls,     AllowedCallers(options.allow_callers),
              options.meters,        options.observer,
              options.caller_counts, options.traffic,
              options.budget,        options.max_message_size},
        watch_(policy_service_, options.news, options.most_watchers, gate_) {
    health_.CountIn(options.traffic);
  }

  void Register(grpc::ServerBuilder& builder) {
    builder.RegisterService(&service_);
    builder.RegisterService(&policy_service_);
    if (envoy_) builder.RegisterService(&authorization_);
    health_.Register(builder);
    for (int i = 0; i < threads_; ++i) {
      workers_.push_back(std::make_unique<Worker>(builder.AddCompletionQueue(), patience_));
    }
  }

  void Start() {
    for (auto& worker : workers_) {
      methods_.push_back(
          std::make_unique<Methods>(service_, policy_service_, handler_, usage_, *worker, gate_));
      methods_.back()->Listen();
      if (envoy_) methods_.back()->ServeEnvoy(authorization_, handler_, *worker, gate_);
      watch_.Listen(*worker);
      health_.Listen(*worker);
    }
    for (auto& worker : workers_) worker->Start();
    watch_.Start();
    SetServing(true);
  }

  void SetServing(bool serving) { health_.SetServing(serving); }

  void SendAway() { gate_.leaving = true; }

  void Hold(std::chrono::milliseconds more_than) { gate_.held_above = more_than.count(); }

  void Release() {
    for (auto& worker : workers_) worker->Release();
  }

  void Drain() {
    for (auto& worker : workers_) worker->Drain();
  }

  void Stop() {
    watch_.Stop();
    for (auto& worker : workers_) worker->Stop();
  }

  [[nodiscard]] std::chrono::nanoseconds Answering() const {
    std::chrono::nanoseconds sum{0};
    for (const auto& worker : workers_) sum += worker->Answering();
    return sum;
  }

  [[nodiscard]] const CallGate& gate() const { return gate_; }

 private:
  const RedirectService& handler_;
  int threads_;
  UsageService* usage_;
  bool envoy_;
  Patience patience_;
  CallGate gate_;
  AsyncService service_;
  AsyncPolicyService policy_service_;
  AsyncAuthorization authorization_;
  HealthService health_{{"", v1::RedirectService::service_full_name()}};
  PolicyWatch watch_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Methods>> methods_;  // Before the workers: calls point to them.
};

GrpcServer::GrpcServer(const RedirectService& service, const GrpcServerOptions& options)
    : impl_(std::make_unique<Impl>(service, options)) {}
GrpcServer::~GrpcServer() = default;
void GrpcServer::Register(grpc::ServerBuilder& builder) { impl_->Register(builder); }
void GrpcServer::Start() { impl_->Start(); }
void GrpcServer::SetServing(bool serving) { impl_->SetServing(serving); }
void GrpcServer::SendAway() { impl_->SendAway(); }
void GrpcServer::Hold(std::chrono::milliseconds more_than) { impl_->Hold(more_than); }
void GrpcServer::Release() { impl_->Release(); }
void GrpcServer::Drain() { impl_->Drain(); }
void GrpcServer::Stop() { impl_->Stop(); }
std::chrono::nanoseconds GrpcServer::Answering() const { return impl_->Answering(); }
int GrpcServer::calls() const { return impl_->gate().calls; }
uint64_t GrpcServer::gave_way() const { return impl_->gate().gave_way; }
uint64_t GrpcServer::timed_out() const { return impl_->gate().timed_out; }

}  // namespace fingerpost

#include "rpc/policy_watch.h"

#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <optional>

#include "rpc/call_pool.h"
#include "rpc/call_report.h"
#include "rpc/error_status.h"
#include "rpc/guarded.h"

namespace fingerpost {
namespace {

constexpr int kWaiting = 4;

// One watch.
class WatchCall final : public LongCall {
 public:
  struct Setup {
    AsyncPolicyService* service;
  };
  using Pool = CallPool<WatchCall, Setup>;

  explicit WatchCall(Pool& pool)
      : pool_(pool),
        report_(pool.gate, Method::kWatchPolicy),
        accepted_(*this, &WatchCall::OnAccepted),
        finished_(*this, &WatchCall::OnFinished) {}

  void Listen() {
    context_.emplace();
    writer_.emplace(&*context_);
    auto& queue = pool_.worker.queue();
    pool_.setup.service->RequestWatchPolicy(&*context_, &octets_, &*writer_, &queue, &queue,
                                            &accepted_);
  }

  void Drain() override {}

 private:
  void OnAccepted(bool ok) {
    if (!ok || pool_.worker.closed()) return pool_.Recycle(this);  // The server stops.
    pool_.Listen();
    report_.Start();
    report_.Received();
    if (auto* asked = pool_.gate.AskedBy(*context_)) Traffic::Asked(*asked, octets_.Length());
    Finish(Guarded(
        [] { return ToStatus(MakeError(v1::ERROR_REASON_NOT_IMPLEMENTED, "Not served here.")); }));
  }

  void Finish(const grpc::Status& status) {
    report_.Finish(*context_, status,
                   CallReport::Messages{v1::WatchPolicyRequest::default_instance()});
    writer_->Finish(status, &finished_);
  }

  void OnFinished(bool /*ok*/) {
    octets_.Clear();
    writer_.reset();
    context_.reset();
    pool_.Recycle(this);
  }

  Pool& pool_;
  CallReport report_;
  EventFor<WatchCall> accepted_;
  EventFor<WatchCall> finished_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncWriter<grpc::ByteBuffer>> writer_;
  grpc::ByteBuffer octets_;  // of the question
};

}  // namespace

// The part of one worker.
class PolicyWatch::OnWorker {
 public:
  OnWorker(AsyncPolicyService& service, CallGate& gate, Worker& worker)
      : pool_(worker, gate, {&service}) {
    for (int i = 0; i < kWaiting; ++i) pool_.Listen();
  }

 private:
  WatchCall::Pool pool_;
};

PolicyWatch::PolicyWatch(AsyncPolicyService& service, CallGate& gate)
    : service_(service), gate_(gate) {}

PolicyWatch::~PolicyWatch() = default;

void PolicyWatch::Listen(Worker& worker) {
  workers_.push_back(std::make_unique<OnWorker>(service_, gate_, worker));
}

}  // namespace fingerpost

// A unary call as a state machine on a Worker. It knows gRPC but not redirects: an Answerer
// answers.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <optional>
#include <utility>

#include "rpc/call_gate.h"
#include "rpc/call_pool.h"
#include "rpc/call_report.h"
#include "rpc/exchange.h"
#include "rpc/guarded.h"
#include "rpc/worker.h"

namespace fingerpost {

// For one method on one worker. Messages come and go as octets, so that their size is known before
// they are read, and a waiting answer takes only its own octets.
template <typename Service>
struct UnarySetup {
  Method method;
  Service* service;
  void (Service::*accept)(grpc::ServerContext*, grpc::ByteBuffer*,
                          grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*,
                          grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*);
  std::unique_ptr<Answerer> answerer;
};

template <typename Service>
class UnaryCall final : private Wait, private Work {
 public:
  using Setup = UnarySetup<Service>;
  using Pool = CallPool<UnaryCall, Setup>;

  explicit UnaryCall(Pool& pool)
      : pool_(pool),
        report_(pool.gate, pool.setup.method),
        accepted_(*this, &UnaryCall::OnAccepted),
        released_(*this, &UnaryCall::OnReleased),
        finished_(*this, &UnaryCall::OnFinished),
        exchange_(pool.gate.budget) {}

  void Listen() {
    context_.emplace();
    writer_.emplace(&*context_);
    exchange_.batch = {};
    auto& queue = pool_.worker.queue();
    (pool_.setup.service->*pool_.setup.accept)(&*context_, &octets_, &*writer_, &queue, &queue,
                                               &accepted_);
  }

 private:
  void OnAccepted(bool ok) {
    if (!ok || pool_.worker.closed()) return pool_.Recycle(this);  // The server stops.
    pool_.Listen();
    report_.Start();
    report_.Received();
    const size_t size = octets_.Length();
    if (auto* asked = pool_.gate.AskedBy(*context_)) Traffic::Asked(*asked, size);
    entered_ = pool_.gate.Enter(pool_.worker);
    const grpc::Status refusal = Guarded([&] {
      grpc::Status status = Refusal(*context_, pool_.gate, entered_);
      return status.ok() ? pool_.gate.Admit(exchange_.share, size, pool_.worker) : status;
    });
    if (!refusal.ok()) return Finish(refusal, false);
    exchange_.deadline = context_->deadline();
    if (IsHeld(*context_, pool_.gate) && pool_.worker.Hold(released_)) return;
    OnReleased(true);
  }

  void OnReleased(bool /*ok*/) {
    if (!pool_.setup.answerer->TakesLong()) return Continue();
    pool_.worker.work().Add(*this, WorkQueue::kShort);
  }

  void Continue() override {
    if (pool_.worker.closed()) return Leave();
    grpc::Status status;
    if (fingerpost::Continue(pool_.worker, *this, *pool_.setup.answerer, exchange_, octets_,
                             status)) {
      Finish(status, true);
    }
  }

  // `was_read`: the answerer has the question.
  void Finish(const grpc::Status& status, bool was_read) {
    if (status.ok()) report_.Sent();
    report_.Finish(*context_, status, *pool_.setup.answerer, was_read, exchange_.batch.count);
    pool_.worker.unread().Add(*this, report_.start());
    if (status.ok()) {
      writer_->Finish(octets_, status, &finished_);
    } else {
      writer_->FinishWithError(status, &finished_);
    }
    octets_.Clear();
  }

  // Called when the client does not take the answer.
  void GiveUp(Why why) override {
    if (why == Why::kTooLong) pool_.gate.timed_out.fetch_add(1, std::memory_order_relaxed);
    GiveBack();
    context_->TryCancel();
  }

  void GiveBack() {
    Release(exchange_);
    if (std::exchange(entered_, false)) pool_.gate.Leave();
  }

  void OnFinished(bool /*ok*/) {
    Over();
    Leave();
  }

  void Leave() {
    GiveBack();
    octets_.Clear();
    // Also frees what gRPC holds for the call: an unread answer.
    writer_.reset();
    context_.reset();
    pool_.Recycle(this);
  }

  Pool& pool_;
  CallReport report_;
  EventFor<UnaryCall> accepted_;
  EventFor<UnaryCall> released_;
  EventFor<UnaryCall> finished_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> writer_;
  grpc::ByteBuffer octets_;  // of the question, then of the answer
  Exchange exchange_;
  bool entered_ = false;
};

}  // namespace fingerpost

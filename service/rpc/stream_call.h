// A bidirectional stream as a state machine on a Worker.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
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

template <typename Service>
struct StreamSetup {
  Method method;
  Service* service;
  void (Service::*accept)(grpc::ServerContext*,
                          grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>*,
                          grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*);
  std::unique_ptr<Answerer> answerer;
};

// Reads the next message only when the client has taken the last answer, so that a client that does
// not read costs only one answer.
template <typename Service>
class StreamCall final : public LongCall, private Wait, private Work {
 public:
  using Setup = StreamSetup<Service>;
  using Pool = CallPool<StreamCall, Setup>;

  explicit StreamCall(Pool& pool)
      : pool_(pool),
        report_(pool.gate, pool.setup.method),
        accepted_(*this, &StreamCall::OnAccepted),
        read_(*this, &StreamCall::OnRead),
        written_(*this, &StreamCall::OnWritten),
        finished_(*this, &StreamCall::OnFinished),
        exchange_(pool.gate.budget) {}

  void Listen() {
    context_.emplace();
    stream_.emplace(&*context_);
    reading_ = was_read_ = finishing_ = finished_already_ = false;
    exchange_.batch = {};
    auto& queue = pool_.worker.queue();
    (pool_.setup.service->*pool_.setup.accept)(&*context_, &*stream_, &queue, &queue, &accepted_);
  }

  // Ends at once if it is idle, so that the client sends its next question elsewhere; otherwise
  // after the write.
  void Drain() override {
    if (reading_ && !finishing_) Finish(ShuttingDown());
  }

 private:
  void OnAccepted(bool ok) {
    if (!ok || pool_.worker.closed()) return pool_.Recycle(this);  // The server stops.
    pool_.Listen();
    pool_.worker.Add(*this);
    report_.Start();
    asked_ = pool_.gate.AskedBy(*context_);
    if (asked_ != nullptr) Traffic::Asked(*asked_, 0);
    entered_ = pool_.gate.Enter(pool_.worker);
    const grpc::Status refusal = Guarded([&] {
      grpc::Status status = Refusal(*context_, pool_.gate, entered_);
      return status.ok() ? pool_.gate.Admit(exchange_.share, 0, pool_.worker) : status;
    });
    if (!refusal.ok()) return Finish(refusal);
    exchange_.deadline = context_->deadline();
    Read();
  }

  void Read() {
    if (pool_.worker.closed()) return Leave();
    if (pool_.worker.draining()) return Finish(ShuttingDown());
    reading_ = true;
    pool_.worker.idle().Add(*this, std::chrono::steady_clock::now());
    stream_->Read(&octets_, &read_);
  }

  void OnRead(bool ok) {
    reading_ = false;
    if (!finishing_) Over();
    if (finished_already_) return Leave();
    if (finishing_) return;
    if (!ok) return Finish(grpc::Status::OK);  // The client has no more questions.
    report_.Received();
    const size_t size = octets_.Length();
    if (asked_ != nullptr) Traffic::Asked(*asked_, size);
    const grpc::Status refusal = Guarded([&] {
      exchange_.share.Settle(0);
      return pool_.gate.Admit(exchange_.share, size, pool_.worker);
    });
    if (!refusal.ok()) return Finish(refusal);
    pool_.worker.work().Add(*this, WorkQueue::kShort);
  }

  void Continue() override {
    if (pool_.worker.closed()) return Leave();
    grpc::Status status;
    if (!fingerpost::Continue(pool_.worker, *this, *pool_.setup.answerer, exchange_, octets_,
                              status))
      return;
    if (!status.ok()) {
      was_read_ = true;
      return Finish(status);
    }
    report_.Sent();
    pool_.worker.unread().Add(*this, std::chrono::steady_clock::now());
    stream_->Write(octets_, &written_);
    octets_.Clear();
  }

  // Called when the client asks nothing, or does not take an answer.
  void GiveUp(Why why) override {
    if (why == Why::kTooLong) pool_.gate.timed_out.fetch_add(1, std::memory_order_relaxed);
    GiveBack();
    if (reading_ && !finishing_) return Finish(Guarded([why] { return GaveUp(why); }));
    context_->TryCancel();
  }

  void GiveBack() {
    Release(exchange_);
    if (std::exchange(entered_, false)) pool_.gate.Leave();
  }

  void OnWritten(bool ok) {
    Over();
    if (!ok) return Finish(grpc::Status::OK);  // The client is gone; nobody reads the status.
    exchange_.share.Settle(kCallOctets);
    Read();
  }

  void Finish(const grpc::Status& status) {
    finishing_ = true;
    report_.Finish(*context_, status, *pool_.setup.answerer, was_read_, exchange_.batch.count);
    if (pool_.worker.closed()) return OnFinished(false);
    pool_.worker.unread().Add(*this, std::chrono::steady_clock::now());
    stream_->Finish(status, &finished_);
  }

  void OnFinished(bool /*ok*/) {
    Over();
    finished_already_ = true;
    if (!reading_) Leave();
  }

  void Leave() {
    Over();
    pool_.worker.Remove(*this);
    GiveBack();
    octets_.Clear();
    // Also frees what gRPC holds for the call: an unread answer.
    stream_.reset();
    context_.reset();
    pool_.Recycle(this);
  }

  Pool& pool_;
  CallReport report_;
  EventFor<StreamCall> accepted_;
  EventFor<StreamCall> read_;
  EventFor<StreamCall> written_;
  EventFor<StreamCall> finished_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream_;
  grpc::ByteBuffer octets_;  // of a question, then of its answer
  Exchange exchange_;
  Traffic::Sum* asked_ = nullptr;
  bool entered_ = false;
  bool reading_ = false;           // a Read is in the queue
  bool was_read_ = false;          // the answerer has the failed question
  bool finishing_ = false;         // Finish has been called
  bool finished_already_ = false;  // and is over
};

}  // namespace fingerpost

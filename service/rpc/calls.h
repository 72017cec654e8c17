// Unary and streaming calls as state machines on a Worker. They know gRPC and nothing of redirects:
// what they answer comes from a plain function.
//
// A call object and its messages are used again and again: fresh messages cost as much as the
// decision.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "rpc/call_observer.h"
#include "rpc/caller_counts.h"
#include "rpc/callers.h"
#include "rpc/deadline.h"
#include "rpc/meters.h"
#include "rpc/traffic.h"
#include "rpc/worker.h"

namespace fingerpost {

// Messages up to this size, on the wire, are kept for the next one in any case: idle calls hold
// little memory.
inline constexpr size_t kKeptMessageBytes = size_t{64} << 10;
// Larger ones are kept while all of them together have no more than this: a stream of large batches
// would spend half of its time on fresh memory.
inline constexpr int64_t kKeptLargeBytes = int64_t{16} << 20;
// Idle call objects kept per method and worker; about 4 KiB each.
inline constexpr size_t kKeptCalls = 256;

// What the calls of all workers have in common.
struct CallGate {
  // Calls that may be in progress at once; the next one is told to try again later.
  int max_calls;
  // Who may call.
  AllowedCallers callers{{}};
  // Each may be null.
  Meters* meters = nullptr;
  CallObserver* observer = nullptr;
  CallerCounts* caller_counts = nullptr;
  Traffic* traffic = nullptr;
  // Whether new calls that have the time are told to go elsewhere.
  std::atomic<bool> leaving{false};
  std::atomic<int> calls{0};
  // Calls that gave their place to another one, and that waited too long for their client.
  std::atomic<uint64_t> gave_way{0};
  std::atomic<uint64_t> timed_out{0};
  // What is left of kKeptLargeBytes.
  std::atomic<int64_t> large_room{kKeptLargeBytes};

  // Whether the call may begin; if so, Leave() ends it.
  [[nodiscard]] bool Enter() {
    if (calls.fetch_add(1, std::memory_order_relaxed) < max_calls) return true;
    Leave();
    return false;
  }
  void Leave() { calls.fetch_sub(1, std::memory_order_relaxed); }

  // As Enter(); where there is no room, a call that waits for its client gives up its place.
  [[nodiscard]] bool Enter(Worker& worker) {
    if (Enter()) return true;
    if (!worker.MakeRoom()) return false;
    gave_way.fetch_add(1, std::memory_order_relaxed);
    return Enter();
  }

  // Where what the call's connection asks is summed up; null: nowhere.
  [[nodiscard]] Traffic::Sum* AskedBy(const grpc::ServerContext& context) const {
    return traffic == nullptr ? nullptr : &traffic->Of(context);
  }
};

// Why a call that has been accepted is not worked on; OK: it is.
// `entered` is what `gate` said.
[[nodiscard]] grpc::Status Refusal(grpc::ServerContext& context, const CallGate& gate,
                                   bool entered);
[[nodiscard]] grpc::Status ShuttingDown();
// Why a stream that waited for a question is over.
[[nodiscard]] grpc::Status GaveUp(Wait::Why why);

// Counts one call, and reports it at its end.
class CallReport {
 public:
  CallReport(const CallGate& gate, Method method) : gate_(gate), method_(method) {}

  void Start() {
    start_ = std::chrono::steady_clock::now();
    if (gate_.meters != nullptr) gate_.meters->Started(method_);
  }
  [[nodiscard]] std::chrono::steady_clock::time_point start() const { return start_; }
  void Received() {
    if (gate_.meters != nullptr) gate_.meters->Received(method_);
  }
  void Sent() {
    if (gate_.meters != nullptr) gate_.meters->Sent(method_);
  }
  void Finish(const grpc::ServerContext& context, const grpc::Status& status,
              const google::protobuf::Message& request,
              const google::protobuf::Message* response) const {
    const auto duration = std::chrono::steady_clock::now() - start_;
    const grpc::StatusCode code = status.error_code();
    if (gate_.meters != nullptr) gate_.meters->Finished(method_, code, duration);
    if (gate_.caller_counts != nullptr) CountCaller(context);
    if (gate_.observer == nullptr) return;
    const CallSummary summary{method_, code, duration, response};
    if (const unsigned wanted = gate_.observer->Wants(summary)) {
      Tell(wanted, summary, context, request, status.error_message());
    }
  }

 private:
  void CountCaller(const grpc::ServerContext& context) const;
  void Tell(unsigned wanted, const CallSummary& summary, const grpc::ServerContext& context,
            const google::protobuf::Message& request, const std::string& error) const;

  const CallGate& gate_;
  Method method_;
  std::chrono::steady_clock::time_point start_;
};

// Keeps idle call objects of one method on one worker. Call has a constructor from (Pool&) and
// Listen().
template <typename Call, typename Setup>
class CallPool {
 public:
  CallPool(Worker& worker, CallGate& gate, const Setup& setup)
      : worker(worker), gate(gate), setup(setup) {}

  // One more call waits to be accepted.
  void Listen() {
    if (worker.closed()) return;
    if (idle_.empty()) idle_.push_back(std::make_unique<Call>(*this));
    Call* call = idle_.back().release();
    idle_.pop_back();
    call->Listen();
  }

  // `call` is over, and nothing of it is in the queue any more.
  void Recycle(Call* call) {
    std::unique_ptr<Call> owned(call);
    if (idle_.size() < kKeptCalls) idle_.push_back(std::move(owned));
  }

  Worker& worker;
  CallGate& gate;
  const Setup setup;

 private:
  std::vector<std::unique_ptr<Call>> idle_;
};

// The plain function behind a method.
template <typename Request, typename Response>
using Handle = std::function<grpc::Status(Request&, Response&, Deadline)>;

// Request and response of a call, kept for the next one unless there is no room for them.
template <typename Request, typename Response>
class Messages {
 public:
  explicit Messages(CallGate& gate) : gate_(gate) {}
  ~Messages() { gate_.large_room.fetch_add(held_, std::memory_order_relaxed); }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  std::unique_ptr<Request> request = std::make_unique<Request>();
  std::unique_ptr<Response> response = std::make_unique<Response>();

  // After each use.
  void Trim() {
    const size_t size = request->ByteSizeLong() + response->ByteSizeLong();
    const int64_t large = size > kKeptMessageBytes ? static_cast<int64_t>(size) : 0;
    const int64_t more = large - held_;
    // Without room for it all is let go.
    if (more != 0 && gate_.large_room.fetch_sub(more, std::memory_order_relaxed) < more) {
      gate_.large_room.fetch_add(large, std::memory_order_relaxed);
      Renew();
    } else {
      held_ = large;
    }
  }

  // When the next use is far away.
  void Release() {
    if (held_ == 0) return;
    gate_.large_room.fetch_add(held_, std::memory_order_relaxed);
    Renew();
  }

 private:
  void Renew() {
    held_ = 0;
    request = std::make_unique<Request>();
    response = std::make_unique<Response>();
  }

  CallGate& gate_;
  int64_t held_ = 0;  // of large_room
};

template <typename Service, typename Request, typename Response>
struct UnarySetup {
  Method method;
  Service* service;
  void (Service::*accept)(grpc::ServerContext*, Request*,
                          grpc::ServerAsyncResponseWriter<Response>*, grpc::CompletionQueue*,
                          grpc::ServerCompletionQueue*, void*);
  Handle<Request, Response> handle;
};

template <typename Service, typename Request, typename Response>
class UnaryCall final : private Wait {
 public:
  using Setup = UnarySetup<Service, Request, Response>;
  using Pool = CallPool<UnaryCall, Setup>;

  explicit UnaryCall(Pool& pool)
      : pool_(pool),
        report_(pool.gate, pool.setup.method),
        accepted_(*this, &UnaryCall::OnAccepted),
        finished_(*this, &UnaryCall::OnFinished),
        messages_(pool.gate) {}

  void Listen() {
    context_.emplace();
    writer_.emplace(&*context_);
    auto& queue = pool_.worker.queue();
    (pool_.setup.service->*pool_.setup.accept)(&*context_, messages_.request.get(), &*writer_,
                                               &queue, &queue, &accepted_);
  }

 private:
  void OnAccepted(bool ok) {
    if (!ok || pool_.worker.closed()) return pool_.Recycle(this);  // The server stops.
    pool_.Listen();
    report_.Start();
    report_.Received();
    if (auto* asked = pool_.gate.AskedBy(*context_)) {
      Traffic::Asked(*asked, messages_.request->ByteSizeLong());
    }
    entered_ = pool_.gate.Enter(pool_.worker);
    grpc::Status status = Refusal(*context_, pool_.gate, entered_);
    if (status.ok()) {
      pool_.worker.SetAnswering(true);
      status = pool_.setup.handle(*messages_.request, *messages_.response, context_->deadline());
      pool_.worker.SetAnswering(false);
    }
    if (status.ok()) report_.Sent();
    report_.Finish(*context_, status, *messages_.request,
                   status.ok() ? messages_.response.get() : nullptr);
    pool_.worker.unread().Add(*this, report_.start());
    if (status.ok()) {
      writer_->Finish(*messages_.response, status, &finished_);
    } else {
      writer_->FinishWithError(status, &finished_);
    }
  }

  // The client does not take the answer.
  void GiveUp(Why why) override {
    if (why == Why::kTooLong) pool_.gate.timed_out.fetch_add(1, std::memory_order_relaxed);
    LeaveGate();
    context_->TryCancel();
  }

  void LeaveGate() {
    if (std::exchange(entered_, false)) pool_.gate.Leave();
  }

  void OnFinished(bool /*ok*/) {
    Over();
    LeaveGate();
    messages_.Trim();
    pool_.Recycle(this);
  }

  Pool& pool_;
  CallReport report_;
  EventFor<UnaryCall> accepted_;
  EventFor<UnaryCall> finished_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<Response>> writer_;
  Messages<Request, Response> messages_;
  bool entered_ = false;
};

template <typename Service, typename Request, typename Response>
struct StreamSetup {
  Method method;
  Service* service;
  void (Service::*accept)(grpc::ServerContext*, grpc::ServerAsyncReaderWriter<Response, Request>*,
                          grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*);
  Handle<Request, Response> handle;
};

// Reads the next message only when the answer to the last one has been taken: a client that does
// not read costs one message and no more.
template <typename Service, typename Request, typename Response>
class StreamCall final : public LongCall, private Wait {
 public:
  using Setup = StreamSetup<Service, Request, Response>;
  using Pool = CallPool<StreamCall, Setup>;

  explicit StreamCall(Pool& pool)
      : pool_(pool),
        report_(pool.gate, pool.setup.method),
        accepted_(*this, &StreamCall::OnAccepted),
        read_(*this, &StreamCall::OnRead),
        written_(*this, &StreamCall::OnWritten),
        finished_(*this, &StreamCall::OnFinished),
        messages_(pool.gate) {}

  void Listen() {
    context_.emplace();
    stream_.emplace(&*context_);
    reading_ = finishing_ = finished_already_ = false;
    auto& queue = pool_.worker.queue();
    (pool_.setup.service->*pool_.setup.accept)(&*context_, &*stream_, &queue, &queue, &accepted_);
  }

  // Idle: ends at once, and what the client sends next it sends elsewhere. Writing: after that.
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
    const grpc::Status status = Refusal(*context_, pool_.gate, entered_);
    if (!status.ok()) return Finish(status);
    Read();
  }

  void Read() {
    if (pool_.worker.closed()) return Leave();
    if (pool_.worker.draining()) return Finish(ShuttingDown());
    reading_ = true;
    pool_.worker.idle().Add(*this, std::chrono::steady_clock::now());
    stream_->Read(messages_.request.get(), &read_);
  }

  void OnRead(bool ok) {
    reading_ = false;
    if (!finishing_) Over();
    if (finished_already_) return Leave();
    if (finishing_) return;
    if (!ok) return Finish(grpc::Status::OK);  // The client has no more questions.
    report_.Received();
    if (asked_ != nullptr) Traffic::Asked(*asked_, messages_.request->ByteSizeLong());
    pool_.worker.SetAnswering(true);
    const grpc::Status status =
        pool_.setup.handle(*messages_.request, *messages_.response, context_->deadline());
    pool_.worker.SetAnswering(false);
    if (!status.ok()) return Finish(status);
    report_.Sent();
    if (pool_.worker.closed()) return Leave();
    pool_.worker.unread().Add(*this, std::chrono::steady_clock::now());
    stream_->Write(*messages_.response, &written_);
  }

  // Its client asks nothing, or does not take an answer.
  void GiveUp(Why why) override {
    if (why == Why::kTooLong) pool_.gate.timed_out.fetch_add(1, std::memory_order_relaxed);
    LeaveGate();
    if (reading_ && !finishing_) return Finish(GaveUp(why));
    context_->TryCancel();
  }

  void LeaveGate() {
    if (std::exchange(entered_, false)) pool_.gate.Leave();
  }

  void OnWritten(bool ok) {
    Over();
    messages_.Trim();
    if (!ok) return Finish(grpc::Status::OK);  // The client is gone; nobody reads the status.
    Read();
  }

  void Finish(const grpc::Status& status) {
    finishing_ = true;
    report_.Finish(*context_, status, *messages_.request,
                   status.ok() ? messages_.response.get() : nullptr);
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
    LeaveGate();
    messages_.Release();
    pool_.Recycle(this);
  }

  Pool& pool_;
  CallReport report_;
  EventFor<StreamCall> accepted_;
  EventFor<StreamCall> read_;
  EventFor<StreamCall> written_;
  EventFor<StreamCall> finished_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncReaderWriter<Response, Request>> stream_;
  Messages<Request, Response> messages_;
  Traffic::Sum* asked_ = nullptr;
  bool entered_ = false;
  bool reading_ = false;           // a Read is in the queue
  bool finishing_ = false;         // Finish has been called
  bool finished_already_ = false;  // and is over
};

}  // namespace fingerpost

#include "rpc/worker.h"

#include <grpc/support/time.h>
#include <grpcpp/alarm.h>

#include <utility>

namespace fingerpost {
namespace {

// An alarm that is due at once is how another thread speaks to the worker's.
class Task final : public Event {
 public:
  explicit Task(std::function<void()> run) : run_(std::move(run)) {}
  void Send(grpc::CompletionQueue& queue) {
    alarm_.Set(&queue, gpr_time_0(GPR_CLOCK_MONOTONIC), this);
  }
  void Happened(bool /*ok*/) override {
    run_();
    delete this;
  }

 private:
  std::function<void()> run_;
  grpc::Alarm alarm_;
};

}  // namespace

Worker::Worker(std::unique_ptr<grpc::ServerCompletionQueue> queue) : queue_(std::move(queue)) {}

// A start that failed half-way leaves a queue that nobody has closed.
Worker::~Worker() {
  if (closed_) return;
  closed_ = true;
  queue_->Shutdown();
  Run();
}

void Worker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Worker::Post(std::function<void()> task) {
  auto* owned_by_the_queue = new Task(std::move(task));
  posted_.fetch_add(1, std::memory_order_release);
  owned_by_the_queue->Send(*queue_);
}

void Worker::Drain() {
  Post([this] {
    draining_ = true;
    const auto calls = long_calls_;  // Drain() may remove.
    for (LongCall* call : calls) call->Drain();
  });
}

void Worker::Stop() {
  Post([this] {
    closed_ = true;
    queue_->Shutdown();
  });
  thread_.join();
}

void Worker::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    (void)posted_.load(std::memory_order_acquire);
    static_cast<Event*>(tag)->Happened(ok);
  }
}

}  // namespace fingerpost

#include "rpc/worker.h"

#include <grpc/support/time.h>

#include <utility>

namespace fingerpost {
namespace {

using Clock = std::chrono::steady_clock;

// Between two looks at who has waited too long.
constexpr std::chrono::seconds kBetweenLooks{1};
// A call that has just begun to wait is about to be served.
constexpr std::chrono::milliseconds kJustBegun{20};

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

Worker::Worker(std::unique_ptr<grpc::ServerCompletionQueue> queue, Patience patience)
    : queue_(std::move(queue)), patience_(patience), look_(*this, &Worker::Look) {}

// A start that failed half-way leaves a queue that nobody has closed.
Worker::~Worker() {
  if (closed_) return;
  closed_ = true;
  queue_->Shutdown();
  Run();
}

void Worker::Start() {
  next_look_.Set(queue_.get(), std::chrono::system_clock::now() + kBetweenLooks, &look_);
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
    next_look_.Cancel();
    queue_->Shutdown();
  });
  thread_.join();
}

bool Worker::MakeRoom() {
  const auto since = Clock::now() - kJustBegun;
  return unread_.GiveUpFirst(since, Wait::Why::kFull) || idle_.GiveUpFirst(since, Wait::Why::kFull);
}

void Worker::Look(bool /*ok*/) {
  if (closed_) return;
  const auto now = Clock::now();
  while (idle_.GiveUpFirst(now - patience_.idle, Wait::Why::kTooLong)) {
  }
  while (unread_.GiveUpFirst(now - patience_.unread, Wait::Why::kTooLong)) {
  }
  next_look_.Set(queue_.get(), std::chrono::system_clock::now() + kBetweenLooks, &look_);
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

#include "rpc/worker.h"

#include <grpc/support/time.h>

#include <exception>
#include <utility>

namespace fingerpost {
namespace {

using Clock = std::chrono::steady_clock;

// Time between two looks for calls that have waited too long.
constexpr std::chrono::seconds kBetweenLooks{1};
// A call that has just begun to wait is about to be served.
constexpr std::chrono::milliseconds kJustBegun{20};
// As many calls as clients that wait for each answer can have sent; clients that do not wait exceed
// it.
constexpr size_t kMostHeld = 1000;

// Events served before the next piece of work: they take about as long as a piece.
constexpr int kEventsBetweenPieces = 64;

// Runs on the worker's thread: another thread sets an alarm that is due at once.
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

// A failed start may leave the queue open.
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
    const auto calls = long_calls_;  // Drain() may remove calls.
    for (LongCall* call : calls) call->Drain();
  });
}

void Worker::Release() {
  Post([this] {
    released_ = true;
    for (Event* call : std::exchange(held_, {})) call->Happened(true);
  });
}

bool Worker::Hold(Event& call) {
  if (released_ || held_.size() >= kMostHeld) return false;
  held_.push_back(&call);
  return true;
}

void Worker::Stop() {
  Post([this] {
    closed_ = true;
    while (!work_.empty()) work_.ContinueOne();  // This ends: pieces are finite.
    next_look_.Cancel();
    queue_->Shutdown();
  });
  thread_.join();
}

void Worker::SetAnswering(bool answering) {
  const int64_t since = answering_since_.load(std::memory_order_relaxed);
  const int64_t now = Clock::now().time_since_epoch().count();
  if (since != 0) {
    const int64_t before = answered_for_.load(std::memory_order_relaxed);
    answered_for_.store(before + now - since, std::memory_order_relaxed);
  }
  answering_since_.store(answering ? now : 0, std::memory_order_relaxed);
}

std::chrono::nanoseconds Worker::Answering() const {
  const int64_t since = answering_since_.load(std::memory_order_relaxed);
  const int64_t now = Clock::now().time_since_epoch().count();
  return std::chrono::nanoseconds(answered_for_.load(std::memory_order_relaxed) +
                                  (since == 0 ? 0 : now - since));
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
  for (Waits* unread : {&unread_, &watches_}) {
    while (unread->GiveUpFirst(now - patience_.unread, Wait::Why::kTooLong)) {
    }
  }
  next_look_.Set(queue_.get(), std::chrono::system_clock::now() + kBetweenLooks, &look_);
}

// False: the queue has been closed and is empty.
bool Worker::Next(void** tag, bool* ok) {
  while (!work_.empty() && !closed_) {
    if (events_ < kEventsBetweenPieces) {
      const auto found = queue_->AsyncNext(tag, ok, gpr_time_0(GPR_CLOCK_MONOTONIC));
      if (found == grpc::CompletionQueue::SHUTDOWN) return false;
      ++events_;
      if (found == grpc::CompletionQueue::GOT_EVENT) return true;
    }
    events_ = 0;
    work_.ContinueOne();
  }
  return queue_->Next(tag, ok);
}

void Worker::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (Next(&tag, &ok)) {
    (void)posted_.load(std::memory_order_acquire);
    // An exception for lack of memory ends this event's work, not the process.
    try {
      static_cast<Event*>(tag)->Happened(ok);
    } catch (const std::exception&) {
      SetAnswering(false);
    }
  }
}

}  // namespace fingerpost

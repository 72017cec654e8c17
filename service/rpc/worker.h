// One completion queue and the one thread that serves it.
//
// Only its own thread touches a worker's state: without locks, and without a race between starting
// an operation and closing the queue.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "rpc/waits.h"
#include "rpc/work.h"

namespace fingerpost {

// The queue returns it when an operation is over.
class Event {
 public:
  virtual void Happened(bool ok) = 0;

 protected:
  ~Event() = default;
};

// An Event that calls a member function of its owner.
template <typename Owner>
class EventFor final : public Event {
 public:
  using Function = void (Owner::*)(bool ok);
  EventFor(Owner& owner, Function function) : owner_(owner), function_(function) {}
  void Happened(bool ok) override { (owner_.*function_)(ok); }

 private:
  Owner& owner_;
  Function function_;
};

// A call that outlives one message, and learns when the server stops.
class LongCall {
 public:
  virtual void Drain() = 0;

 protected:
  ~LongCall() = default;
};

// How long a call may wait for its client.
struct Patience {
  std::chrono::milliseconds idle = std::chrono::minutes(5);     // for the next question
  std::chrono::milliseconds unread = std::chrono::seconds(20);  // for an answer to be taken
};

class Worker {
 public:
  explicit Worker(std::unique_ptr<grpc::ServerCompletionQueue> queue, Patience patience = {});
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Thread-safe; call each once, in this order.
  void Start();
  void Drain();    // long calls end as soon as they can
  void Release();  // resumes the held calls, and holds no more
  void Stop();     // after the server's Shutdown; returns when the queue is empty

  // Thread-safe, after Start() and before Stop(): runs `task` soon on the worker's thread.
  void Post(std::function<void()> task);

  // For the worker's thread, or before Start().
  [[nodiscard]] grpc::ServerCompletionQueue& queue() { return *queue_; }
  // If true, no operation may be started any more.
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool draining() const { return draining_; }
  void Add(LongCall& call) { long_calls_.insert(&call); }
  void Remove(LongCall& call) { long_calls_.erase(&call); }

  // Streams that wait for a question, and calls whose answer waits for its reader. They give up
  // after their time.
  [[nodiscard]] Waits& idle() { return idle_; }
  [[nodiscard]] Waits& unread() { return unread_; }
  // Policy watches whose message waits for its reader. They give up like `unread`, but never make
  // room: they have no place among the calls.
  [[nodiscard]] Waits& watches() { return watches_; }
  // Work in pieces, done while the queue is empty or has had its turn.
  [[nodiscard]] WorkQueue& work() { return work_; }
  // Set around the work for an answer, to measure the time spent there.
  void SetAnswering(bool answering);
  // Thread-safe: how long it has worked on answers since its start.
  [[nodiscard]] std::chrono::nanoseconds Answering() const;

  // Holds a call until Release(). False: too many are held already.
  bool Hold(Event& call);

  // Makes the call that has waited longest for its client give up its place.
  bool MakeRoom();

 private:
  void Run();
  bool Next(void** tag, bool* ok);
  void Look(bool ok);

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  const Patience patience_;
  Waits idle_, unread_, watches_;
  WorkQueue work_;
  int events_ = 0;  // since the last piece of work
  EventFor<Worker> look_;
  grpc::Alarm next_look_;
  absl::flat_hash_set<LongCall*> long_calls_;
  std::vector<Event*> held_;
  // In nanoseconds: when it began the current answer (0 without one), and how long it worked on
  // earlier ones.
  std::atomic<int64_t> answering_since_{0};
  std::atomic<int64_t> answered_for_{0};
  bool closed_ = false;
  bool draining_ = false;
  bool released_ = false;
  // Tasks sent. Orders Post()'s writes before the worker's reads. The queue's locks do so, too, but
  // ThreadSanitizer does not see them.
  std::atomic<uint64_t> posted_ = 0;
  std::thread thread_;
};

}  // namespace fingerpost

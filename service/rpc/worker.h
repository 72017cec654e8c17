// One completion queue and the one thread that serves it.
//
// Everything that belongs to a worker is touched by its thread only: no locks, and no race between
// starting an operation and closing the queue.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_set>
#include <vector>

#include "rpc/waits.h"
#include "rpc/work.h"

namespace fingerpost {

// What the queue hands back when an operation is over.
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

// A call that outlives one message, and is told when the server wants to stop.
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

  // From any thread, once each and in this order.
  void Start();
  void Drain();    // long calls end as soon as they can
  void Release();  // what Hold() has kept goes on, and nothing is kept any more
  void Stop();     // after the server's Shutdown; returns when the queue is empty

  // From any thread, after Start() and before Stop(): `task` runs soon on the worker's thread.
  void Post(std::function<void()> task);

  // From the worker's thread, or before Start().
  [[nodiscard]] grpc::ServerCompletionQueue& queue() { return *queue_; }
  // No operation may be started any more.
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool draining() const { return draining_; }
  void Add(LongCall& call) { long_calls_.insert(&call); }
  void Remove(LongCall& call) { long_calls_.erase(&call); }

  // Streams that wait for a question, and calls whose answer waits to be taken. They give up after
  // the time that they are given.
  [[nodiscard]] Waits& idle() { return idle_; }
  [[nodiscard]] Waits& unread() { return unread_; }
  // What is done in pieces, while the queue has nothing else or has had its turn.
  [[nodiscard]] WorkQueue& work() { return work_; }
  // Around the work for an answer, so that others can see how much of its time goes there.
  void SetAnswering(bool answering);
  // From any thread: how long it has worked on answers since its start.
  [[nodiscard]] std::chrono::nanoseconds Answering() const;

  // Keeps a call, which is told when Release() comes. False: too many are kept already.
  bool Hold(Event& call);

  // Has the call that has waited longest for its client give its place to another.
  bool MakeRoom();

 private:
  void Run();
  bool Next(void** tag, bool* ok);
  void Look(bool ok);

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  const Patience patience_;
  Waits idle_, unread_;
  WorkQueue work_;
  int events_ = 0;  // since the last piece of it
  EventFor<Worker> look_;
  grpc::Alarm next_look_;
  std::unordered_set<LongCall*> long_calls_;
  std::vector<Event*> held_;
  // Nanoseconds: when it began to work on the answer of this moment, 0 without one, and for how
  // long it worked on those before.
  std::atomic<int64_t> answering_since_{0};
  std::atomic<int64_t> answered_for_{0};
  bool closed_ = false;
  bool draining_ = false;
  bool released_ = false;
  // Tasks sent. Orders what Post() wrote before what the worker's thread reads of it, as the queue
  // does, too, by locks that ThreadSanitizer does not see.
  std::atomic<uint64_t> posted_ = 0;
  std::thread thread_;
};

}  // namespace fingerpost

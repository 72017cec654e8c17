// One completion queue and the one thread that serves it.
//
// Everything that belongs to a worker is touched by its thread only: no locks, and no race between
// starting an operation and closing the queue.
#pragma once

#include <grpcpp/completion_queue.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_set>

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

class Worker {
 public:
  explicit Worker(std::unique_ptr<grpc::ServerCompletionQueue> queue);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // From any thread, once each and in this order.
  void Start();
  void Drain();  // long calls end as soon as they can
  void Stop();   // after the server's Shutdown; returns when the queue is empty

  // From any thread, after Start() and before Stop(): `task` runs soon on the worker's thread.
  void Post(std::function<void()> task);

  // From the worker's thread, or before Start().
  [[nodiscard]] grpc::ServerCompletionQueue& queue() { return *queue_; }
  // No operation may be started any more.
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool draining() const { return draining_; }
  void Add(LongCall& call) { long_calls_.insert(&call); }
  void Remove(LongCall& call) { long_calls_.erase(&call); }

 private:
  void Run();

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unordered_set<LongCall*> long_calls_;
  bool closed_ = false;
  bool draining_ = false;
  // Tasks sent. Orders what Post() wrote before what the worker's thread reads of it, as the queue
  // does, too, by locks that ThreadSanitizer does not see.
  std::atomic<uint64_t> posted_ = 0;
  std::thread thread_;
};

}  // namespace fingerpost

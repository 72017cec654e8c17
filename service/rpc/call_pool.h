// Call objects that are used again and again.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "rpc/call_gate.h"
#include "rpc/worker.h"

namespace fingerpost {

// Idle call objects kept per method and worker; about 4 KiB each.
inline constexpr size_t kKeptCalls = 256;

// Keeps idle call objects of one method on one worker. Call has a constructor from (Pool&) and
// Listen().
template <typename Call, typename Setup>
class CallPool {
 public:
  CallPool(Worker& worker, CallGate& gate, Setup setup)
      : worker(worker), gate(gate), setup(std::move(setup)) {
    idle_.reserve(kKeptCalls);
  }

  // One more call waits to be accepted; without memory for it, when another one is over.
  void Listen() {
    ++missing_;
    while (missing_ > 0 && !worker.closed()) {
      try {
        if (idle_.empty()) idle_.push_back(std::make_unique<Call>(*this));
        idle_.back()->Listen();
      } catch (const std::bad_alloc&) {
        return;
      }
      (void)idle_.back().release();  // It is in the worker's queue.
      idle_.pop_back();
      --missing_;
    }
  }

  // `call` is over, and nothing of it is in the queue any more.
  void Recycle(Call* call) {
    std::unique_ptr<Call> owned(call);
    if (idle_.size() < kKeptCalls) idle_.push_back(std::move(owned));
    if (missing_ > 0) {
      --missing_;
      Listen();
    }
  }

  Worker& worker;
  CallGate& gate;
  const Setup setup;

 private:
  std::vector<std::unique_ptr<Call>> idle_;
  int missing_ = 0;  // calls that should wait to be accepted and do not
};

}  // namespace fingerpost

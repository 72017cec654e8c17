// Reuses call objects.
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

  // Lets one more call wait to be accepted; without memory for it, as soon as another is over.
  void Listen() {
    ++missing_;
    while (missing_ > 0 && !worker.closed()) {
      try {
        if (idle_.empty()) idle_.push_back(std::make_unique<Call>(*this));
        idle_.back()->Listen();
      } catch (const std::bad_alloc&) {
        return;
      }
      (void)idle_.back().release();  // The worker's queue holds it.
      idle_.pop_back();
      --missing_;
    }
  }

  // Takes back `call`, which is over and has no event left in the queue.
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
  int missing_ = 0;  // calls that should wait to be accepted but do not
};

}  // namespace fingerpost

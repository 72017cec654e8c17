// Signals as values: every thread blocks them, and one thread waits for them. No code runs inside a
// signal handler.
#pragma once

#include <csignal>
#include <initializer_list>

namespace fingerpost {

class Signals {
 public:
  // Blocks them in this thread and in all threads that it starts, so construct it before the first
  // thread.
  Signals(std::initializer_list<int> signals);

  // Returns the next signal.
  [[nodiscard]] int Wait() const;

 private:
  sigset_t set_{};
};

}  // namespace fingerpost

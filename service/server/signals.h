// Signals as values: blocked in every thread, taken one by one by the thread that waits for them.
// No code ever runs inside a signal handler.
#pragma once

#include <csignal>
#include <initializer_list>

namespace fingerpost {

class Signals {
 public:
  // Blocks them for this thread and for all that it starts: construct before the first thread.
  Signals(std::initializer_list<int> signals);

  // The next one.
  [[nodiscard]] int Wait() const;

 private:
  sigset_t set_{};
};

}  // namespace fingerpost

// What the C and C++ libraries lack where there are neither threads nor signals, and the sources of
// others ask for. Included before everything else.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <sys/select.h>

#include <mutex>

#define SIG_BLOCK 0
#define SIG_SETMASK 2

inline int sigfillset(sigset_t*) { return 0; }
inline int pthread_sigmask(int, const sigset_t*, sigset_t*) { return 0; }

namespace std {

struct mutex {
  void lock() {}
  void unlock() {}
  bool try_lock() { return true; }
};

struct thread {
  static unsigned hardware_concurrency() { return 1; }
};

namespace this_thread {
inline void yield() {}
}  // namespace this_thread

}  // namespace std

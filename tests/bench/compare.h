// Times a piece of work beside its minimal cost, in the same run.
#pragma once

#include <benchmark/benchmark.h>

#include <ctime>

namespace fingerpost::bench {

// CPU time of this thread: without other work on the machine.
inline double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Runs `parses` and `work` in turn, so that a slow machine slows both. Reports the nanoseconds of
// each and their ratio.
template <typename Parses, typename Work>
void Compare(benchmark::State& state, Parses parses, Work work) {
  constexpr int kBatch = 64;
  double parsing = 0;
  double working = 0;
  for (auto _ : state) {
    const double start = ThreadSeconds();
    for (int i = 0; i < kBatch; ++i) parses();
    const double middle = ThreadSeconds();
    for (int i = 0; i < kBatch; ++i) work();
    const double end = ThreadSeconds();
    parsing += middle - start;
    working += end - middle;
    state.SetIterationTime(end - middle);
  }
  const double times = static_cast<double>(state.iterations()) * kBatch;
  state.counters["parses_ns"] = parsing / times * 1e9;
  state.counters["ns"] = working / times * 1e9;
  state.counters["ratio"] = working / parsing;
}

}  // namespace fingerpost::bench

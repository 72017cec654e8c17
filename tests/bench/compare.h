// Times a piece of work beside its minimal cost, in the same run.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <ctime>

namespace fingerpost::bench {

// Everything small and once: this proves that the benchmarks work, and measures nothing.
[[nodiscard]] inline bool Quick() {
  static const bool quick = std::getenv("FINGERPOST_BENCH_QUICK") != nullptr;
  return quick;
}
template <typename Number>
[[nodiscard]] Number Unless(Number whole, Number quick) {
  return Quick() ? quick : whole;
}

// CPU time of this thread: without other work on the machine.
inline double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Runs `first` and `second` in an order that changes each time.
template <typename First, typename Second>
void Alternate(bool& turned, First first, Second second) {
  if (turned) second();
  first();
  if (!turned) second();
  turned = !turned;
}

// Runs `base` and `work` in turn, so that a slow machine slows both. Reports the nanoseconds of
// each.
template <typename Base, typename Work>
void Compare(benchmark::State& state, Base base, Work work) {
  constexpr int kBatch = 64;
  double of_base = 0;
  double of_work = 0;
  bool turned = false;
  const auto timed = [](auto& piece) {
    const double start = ThreadSeconds();
    for (int i = 0; i < kBatch; ++i) piece();
    return ThreadSeconds() - start;
  };
  for (auto _ : state) {
    const double before = of_work;
    Alternate(
        turned, [&] { of_base += timed(base); }, [&] { of_work += timed(work); });
    state.SetIterationTime(of_work - before);
  }
  const double times = static_cast<double>(state.iterations()) * kBatch;
  state.counters["base_ns"] = of_base / times * 1e9;
  state.counters["ns"] = of_work / times * 1e9;
}

}  // namespace fingerpost::bench

// What counting adds to an answer: the same questions with counters and without, in turn.
//
// Two threads that hit one rule share its counter: the worst case.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/million.h"
#include "policy/load/loader.h"
#include "policy/load/store.h"
#include "rpc/policy_counts.h"
#include "rpc/redirect_service.h"

namespace fingerpost {
namespace {

constexpr char kRules[] = R"(
rules:
  - {id: soon, shadow: true, match: {path: /soon}, intent: {purpose: permanent_move, target: /s}}
  - {id: old, match: {path_prefix: /old}, intent: {purpose: permanent_move, target: "/new{rest}"}}
)";

// A policy that is served with counters and without.
struct Served {
  explicit Served(policy::compiled::SnapshotPtr snapshot) : store(std::move(snapshot)) {}

  policy::load::Store store;
  PolicyCounts counts{store, 1};
  RedirectService plain{store, Limits{}};
  RedirectService counted{store, Limits{}, nullptr, SystemClock, &counts};
};

Served& Rules() {
  static Served served(policy::load::FromText(kRules, "p.yaml").snapshot);
  return served;
}

Served& Maps() {
  static const bench::Million files;
  static Served served(policy::load::FromFile(files.policy()).snapshot);
  return served;
}

// Questions for these paths, like those of one batch.
void Answer(benchmark::State& state, Served& served, const std::vector<std::string>& paths) {
  const RedirectService& service = state.range(0) == 1 ? served.counted : served.plain;
  const RedirectService::Frame frame = service.MakeFrame<v1::DecideRequest>();
  v1::DecideRequest request;
  request.mutable_request()->set_method("GET");
  request.set_draw(1);
  v1::DecideResponse response;
  size_t i = static_cast<size_t>(state.thread_index()) * 977;
  for ([[maybe_unused]] auto _ : state) {
    request.mutable_request()->set_url("https://www.example.com" + paths[i++ % paths.size()]);
    if (!service.Answer(frame, request, response)) std::abort();
  }
}

void BM_Rule(benchmark::State& state) { Answer(state, Rules(), {"/old/tea"}); }
BENCHMARK(BM_Rule)->ArgName("counted")->Arg(0)->Arg(1)->Threads(1)->Threads(2);

void BM_Miss(benchmark::State& state) { Answer(state, Rules(), {"/none"}); }
BENCHMARK(BM_Miss)->ArgName("counted")->Arg(0)->Arg(1)->Threads(1)->Threads(2);

void BM_Shadow(benchmark::State& state) { Answer(state, Rules(), {"/soon"}); }
BENCHMARK(BM_Shadow)->ArgName("counted")->Arg(0)->Arg(1);

// Rows in an order that caches cannot predict.
void BM_Row(benchmark::State& state) {
  static const std::vector<std::string> paths = [] {
    std::vector<std::string> all;
    std::mt19937 random(1);
    for (size_t i = 0; i < size_t{1} << 16; ++i) {
      all.push_back(bench::PathOf(random() % bench::kRows));
    }
    return all;
  }();
  Answer(state, Maps(), paths);
}
BENCHMARK(BM_Row)->ArgName("counted")->Arg(0)->Arg(1);

// A unary call's own part: the policy and its counters.
void BM_Frame(benchmark::State& state) {
  const RedirectService& service = state.range(0) == 1 ? Rules().counted : Rules().plain;
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(service.MakeFrame<v1::DecideRequest>());
}
BENCHMARK(BM_Frame)->ArgName("counted")->Arg(0)->Arg(1)->Threads(1)->Threads(2);

// A reload after which each of a million rows has been hit.
void BM_CarryMillionRows(benchmark::State& state) {
  static const bench::Million files;
  const auto policy = policy::load::FromFile(files.policy()).snapshot;
  policy::load::Store store(policy);
  PolicyCounts counts(store, 1);
  const auto tally = counts.Get().tally;
  for (uint32_t line = 1; line <= policy->maps.front().last_line; ++line) {
    tally->rows().front().Add(line, 1, 1);
  }
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    store.Set(policy::load::FromFile(files.policy()).snapshot);
    state.ResumeTiming();
    counts.Carry(2);
  }
  state.counters["rows"] = static_cast<double>(counts.MostHit(0).rows_hit.front());
}
BENCHMARK(BM_CarryMillionRows)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace fingerpost

BENCHMARK_MAIN();

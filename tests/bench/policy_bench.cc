// A map of a million redirects, and many patterns, each beside the obvious implementation: a
// absl::flat_hash_map filled from the same file, and regular expressions one by one.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "bench/million.h"
#include "policy/compiled/subject.h"
#include "policy/load/loader.h"
#include "policy/resolve/resolve.h"

namespace fingerpost {
namespace {

using bench::Million, bench::PageOf, bench::PathOf;

constexpr double kMiB = 1 << 20;

// For a benchmark's arguments: how many rows, and whether their sources have a query.
const Million& Files(const benchmark::State& state) {
  static std::map<std::pair<int64_t, int64_t>, std::unique_ptr<Million>> written;
  auto& files = written[{state.range(0), state.range(1)}];
  if (files == nullptr) {
    files = std::make_unique<Million>(static_cast<size_t>(state.range(0)),
                                      state.range(1) == 0 ? PathOf : PageOf);
  }
  return *files;
}

using Reference = absl::flat_hash_map<std::string, std::string>;

// As short as possible: without checks, quoting or versions.
std::unique_ptr<Reference> ReadReference(const Million& files) {
  auto reference = std::make_unique<Reference>();
  std::ifstream map(files.map());
  for (std::string line; std::getline(map, line);) {
    const size_t comma = line.find(',');
    reference->emplace(line.substr(0, comma), line.substr(comma + 1));
  }
  return reference;
}

size_t Allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Times `load`, and reports the memory of its result.
template <typename Load>
void TimeLoad(benchmark::State& state, Load load) {
  const Million& files = Files(state);
  size_t octets = 0;
  for ([[maybe_unused]] auto _ : state) {
    const size_t before = Allocated();
    auto loaded = load(files);
    octets = Allocated() - before;
    state.PauseTiming();  // Freeing does not count.
    loaded = {};
    state.ResumeTiming();
  }
  state.counters["MiB"] = static_cast<double>(octets) / kMiB;
}

void BM_LoadPolicy(benchmark::State& state) {
  TimeLoad(state, [](const Million& files) { return policy::load::FromFile(files.policy()); });
}
void BM_LoadFlatHashMap(benchmark::State& state) { TimeLoad(state, ReadReference); }

// Sources in an order that caches cannot predict; every eighth is in no row.
std::vector<std::string> Asked(const benchmark::State& state) {
  std::vector<std::string> asked;
  std::mt19937 random(1);
  const auto rows = static_cast<size_t>(state.range(0));
  for (size_t i = 0; i < size_t{1} << 16; ++i) {
    asked.push_back(
        (state.range(1) == 0 ? PathOf : PageOf)(random() % rows + (i % 8 == 0 ? rows : 0)));
  }
  return asked;
}

// `find` looks for one source.
template <typename Find>
void TimeFind(benchmark::State& state, Find find) {
  const std::vector<std::string> asked = Asked(state);
  size_t i = 0;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(find(asked[i++ % asked.size()]));
}

void BM_FindInPolicy(benchmark::State& state) {
  const policy::load::Loaded loaded = policy::load::FromFile(Files(state).policy());
  TimeFind(state, [&](std::string_view source) {
    const size_t path = std::min(source.find('?'), source.size());
    return loaded.snapshot->rules.maps().FindFirst(policy::compiled::kAnyHost,
                                                   source.substr(0, path), source.substr(path));
  });
}
void BM_FindInFlatHashMap(benchmark::State& state) {
  const auto reference = ReadReference(Files(state));
  TimeFind(state, [&](const std::string& source) { return reference->find(source); });
}

// The whole answer: URLs parsed, the entry found, decided and written.
void BM_DecideByMap(benchmark::State& state) {
  const policy::load::Loaded loaded = policy::load::FromFile(Files(state).policy());
  v1::DecideRequest request;
  request.mutable_request()->set_method("GET");
  request.mutable_now()->set_seconds(1767225600);
  v1::DecideResponse response;
  TimeFind(state, [&](const std::string& source) {
    request.mutable_request()->set_url("https://www.example.com" + source);
    response.Clear();
    if (!policy::resolve::Decide(*loaded.snapshot, request, response)) std::abort();
    return response.status();
  });
}

// In turn, so that what is compared stands together.
const bool kRegistered = [] {
  const auto add = [](const char* name, void (*bench)(benchmark::State&),
                      benchmark::TimeUnit unit) {
    benchmark::RegisterBenchmark(name, bench)
        ->ArgsProduct({{1'000, 1'000'000}, {0, 1}})
        ->ArgNames({"rows", "query"})
        ->Unit(unit);
  };
  add("BM_LoadPolicy", BM_LoadPolicy, benchmark::kMillisecond);
  add("BM_LoadFlatHashMap", BM_LoadFlatHashMap, benchmark::kMillisecond);
  add("BM_FindInPolicy", BM_FindInPolicy, benchmark::kNanosecond);
  add("BM_FindInFlatHashMap", BM_FindInFlatHashMap, benchmark::kNanosecond);
  add("BM_DecideByMap", BM_DecideByMap, benchmark::kNanosecond);
  return true;
}();

// Rules with patterns; a path matches one of them.
std::string PatternOf(int64_t rule) {
  const std::string number = std::to_string(rule);
  return rule % 2 == 0 ? "/section-" + number + "/([0-9]+)(?:\\.html)?" : "/.*/item-" + number;
}

v1::Policy Patterns(int64_t count) {
  v1::Policy policy;
  for (int64_t i = 0; i < count; ++i) {
    v1::Rule& rule = *policy.add_rules();
    rule.set_id("r" + std::to_string(i));
    rule.mutable_match()->set_path_regex(PatternOf(i));
    rule.mutable_intent()->set_purpose(v1::PURPOSE_GONE);
  }
  return policy;
}

// `first` finds the first rule for a subject.
template <typename First>
void TimePatterns(benchmark::State& state, First first) {
  message::Faults faults(message::Faults::kMostOfDocument);
  const auto snapshot = policy::compiled::Compile(Patterns(state.range(0)), faults);
  std::vector<v1::DecideRequest> asked(static_cast<size_t>(state.range(0)));
  std::vector<http::Request> requests;
  for (size_t i = 0; i < asked.size(); ++i) {
    const std::string number = std::to_string(i);
    asked[i].mutable_request()->set_url(
        "https://h.example" +
        (i % 2 == 0 ? "/section-" + number + "/77.html" : "/a/b/item-" + number));
    requests.push_back(http::ReadRequest(asked[i].request(), {}, faults));
  }
  size_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    const policy::compiled::Subject subject(asked[i], requests[i], snapshot->hosts);
    const std::string* const id = first(*snapshot, subject);
    if (id == nullptr || *id != "r" + std::to_string(i)) std::abort();
    i = (i + 1) % asked.size();
  }
}

void BM_Patterns(benchmark::State& state) {
  TimePatterns(state, [](const policy::compiled::Snapshot& snapshot,
                         const policy::compiled::Subject& subject) {
    const std::string* id = nullptr;
    snapshot.rules.Visit(subject, [&](const policy::compiled::Candidate& candidate) {
      id = &candidate.rule->id;
      return false;
    });
    return id;
  });
}
BENCHMARK(BM_Patterns)->Arg(4)->Arg(16)->Arg(256)->Arg(2048);

void BM_PatternsOneByOne(benchmark::State& state) {
  TimePatterns(state,
               [](const policy::compiled::Snapshot& snapshot,
                  const policy::compiled::Subject& subject) -> const std::string* {
                 const re2::StringPiece path(subject.path().data(), subject.path().size());
                 for (const policy::compiled::Rule& rule : snapshot.rules.rules()) {
                   if (RE2::FullMatch(path, *rule.pattern)) return &rule.id;
                 }
                 return nullptr;
               });
}
BENCHMARK(BM_PatternsOneByOne)->Arg(4)->Arg(16)->Arg(256)->Arg(2048);

}  // namespace
}  // namespace fingerpost

BENCHMARK_MAIN();

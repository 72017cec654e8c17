// A map of a million redirects, and many patterns, each beside the obvious implementation: a
// absl::flat_hash_map filled from the same file, and regular expressions one by one.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "bench/million.h"
#include "policy/compiled/subject.h"
#include "policy/load/loader.h"
#include "policy/resolve/resolve.h"

namespace fingerpost {
namespace {

using bench::kRows, bench::Million, bench::PathOf;

constexpr double kMiB = 1 << 20;

const Million& Files() {
  static const Million files;
  return files;
}

using Reference = absl::flat_hash_map<std::string, std::string>;

// As short as possible: without checks, quoting or versions.
std::unique_ptr<Reference> ReadReference() {
  auto reference = std::make_unique<Reference>();
  std::ifstream map(Files().map());
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
  (void)Files();
  size_t octets = 0;
  for ([[maybe_unused]] auto _ : state) {
    const size_t before = Allocated();
    auto loaded = load();
    octets = Allocated() - before;
    state.PauseTiming();  // Freeing does not count.
    loaded = {};
    state.ResumeTiming();
  }
  state.counters["MiB"] = static_cast<double>(octets) / kMiB;
}

void BM_LoadPolicy(benchmark::State& state) {
  TimeLoad(state, [] { return policy::load::FromFile(Files().policy()); });
}
BENCHMARK(BM_LoadPolicy)->Unit(benchmark::kMillisecond);

void BM_LoadFlatHashMap(benchmark::State& state) { TimeLoad(state, ReadReference); }
BENCHMARK(BM_LoadFlatHashMap)->Unit(benchmark::kMillisecond);

// Paths in an order that caches cannot predict; every eighth is in no row.
const std::vector<std::string>& Asked() {
  static const std::vector<std::string> asked = [] {
    std::vector<std::string> paths;
    std::mt19937 random(1);
    for (size_t i = 0; i < size_t{1} << 16; ++i) {
      paths.push_back(PathOf(random() % kRows + (i % 8 == 0 ? kRows : 0)));
    }
    return paths;
  }();
  return asked;
}

void BM_FindInPolicy(benchmark::State& state) {
  const policy::load::Loaded loaded = policy::load::FromFile(Files().policy());
  size_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(loaded.snapshot->rules.maps().Find(policy::compiled::kAnyHost,
                                                                Asked()[i++ % Asked().size()]));
  }
}
BENCHMARK(BM_FindInPolicy);

void BM_FindInFlatHashMap(benchmark::State& state) {
  const auto reference = ReadReference();
  size_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(reference->find(Asked()[i++ % Asked().size()]));
  }
}
BENCHMARK(BM_FindInFlatHashMap);

// The whole answer: URLs parsed, the entry found, decided and written.
void BM_DecideByMap(benchmark::State& state) {
  const policy::load::Loaded loaded = policy::load::FromFile(Files().policy());
  v1::DecideRequest request;
  request.mutable_request()->set_method("GET");
  request.mutable_now()->set_seconds(1767225600);
  v1::DecideResponse response;
  size_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    request.mutable_request()->set_url("https://www.example.com" + Asked()[i++ % Asked().size()]);
    response.Clear();
    if (!policy::resolve::Decide(*loaded.snapshot, request, response)) std::abort();
  }
}
BENCHMARK(BM_DecideByMap);

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

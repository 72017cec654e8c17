// A map of a million redirects, and many patterns, each beside the obvious implementation: a
// std::unordered_map filled from the same file, and regular expressions one by one.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/compare.h"
#include "bench/million.h"
#include "policy/compiled/subject.h"
#include "policy/load/loader.h"
#include "policy/resolve/resolve.h"

namespace fingerpost {
namespace {

using bench::kRows, bench::Million, bench::PageOf, bench::PathOf, bench::TargetOf;

constexpr double kMiB = 1 << 20;

// By a benchmark's argument: whether the sources have a query.
const Million& Files(const benchmark::State& state) {
  if (state.range(0) == 0) {
    static const Million paths(PathOf);
    return paths;
  }
  static const Million pages(PageOf);
  return pages;
}

using Reference = std::unordered_map<std::string, std::string>;

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

// What of the process is in memory. What was freed is not.
size_t Resident() {
  malloc_trim(0);
  size_t all = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// Times `load`, and reports the memory of its result.
template <typename Load>
void TimeLoad(benchmark::State& state, Load load) {
  const Million& files = Files(state);
  size_t octets = 0;
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();  // Measuring and freeing do not count.
    const size_t before = Resident();
    state.ResumeTiming();
    auto loaded = load(files);
    state.PauseTiming();
    octets = Resident() - before;
    loaded = {};
    state.ResumeTiming();
  }
  state.counters["MiB"] = static_cast<double>(octets) / kMiB;
}

void BM_LoadPolicy(benchmark::State& state) {
  TimeLoad(state, [](const Million& files) { return policy::load::FromFile(files.policy()); });
}
void BM_LoadUnorderedMap(benchmark::State& state) { TimeLoad(state, ReadReference); }

struct Asked {
  std::string source;
  bool in_the_map;
  std::string target;
};

// Sources in an order that caches cannot predict; every eighth is in no row.
std::vector<Asked> Sources(const benchmark::State& state) {
  std::vector<Asked> all;
  std::mt19937 random(1);
  for (size_t i = 0; i < size_t{1} << 16; ++i) {
    const bool missing = i % 8 == 0;
    const size_t row = random() % kRows + (missing ? kRows : 0);
    all.push_back({(state.range(0) == 0 ? PathOf : PageOf)(row), !missing, TargetOf(row)});
  }
  return all;
}

// `find` says whether a source is in the map.
template <typename Find>
void TimeFind(benchmark::State& state, Find find) {
  const std::vector<Asked> asked = Sources(state);
  size_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    const Asked& next = asked[i++ % asked.size()];
    if (find(next.source) != next.in_the_map) std::abort();
  }
}

void BM_FindInPolicy(benchmark::State& state) {
  const policy::load::Loaded loaded = policy::load::FromFile(Files(state).policy());
  TimeFind(state, [&](std::string_view source) {
    const size_t path = std::min(source.find('?'), source.size());
    return static_cast<bool>(loaded.snapshot->rules.maps().FindFirst(
        policy::compiled::kAnyHost, source.substr(0, path), source.substr(path)));
  });
}
void BM_FindInUnorderedMap(benchmark::State& state) {
  const auto reference = ReadReference(Files(state));
  TimeFind(state,
           [&](const std::string& source) { return reference->find(source) != reference->end(); });
}

// The whole answer: URLs parsed, the entry found, decided and written; beside the same redirect of
// an intent that the question spells out.
void BM_DecideByMap(benchmark::State& state) {
  const policy::load::Loaded loaded = policy::load::FromFile(Files(state).policy());
  const std::vector<Asked> asked = Sources(state);
  v1::DecideRequest by_map;
  by_map.mutable_request()->set_method("GET");
  by_map.mutable_now()->set_seconds(1767225600);
  v1::DecideRequest spelled_out = by_map;
  spelled_out.mutable_request()->set_url("https://www.example.com" + PathOf(7));
  spelled_out.mutable_intent()->set_purpose(v1::PURPOSE_PERMANENT_MOVE);
  spelled_out.mutable_intent()->set_target(TargetOf(7));
  const policy::compiled::Snapshot none;
  v1::DecideResponse plain;
  v1::DecideResponse found;
  size_t i = 0;
  bench::Compare(
      state,
      [&] {
        if (!policy::resolve::Decide(none, spelled_out, plain) || plain.status() != 308) {
          std::abort();
        }
      },
      [&] {
        const Asked& next = asked[i++ % asked.size()];
        by_map.mutable_request()
            ->mutable_url()
            ->assign("https://www.example.com")
            .append(next.source);
        if (!policy::resolve::Decide(*loaded.snapshot, by_map, found) ||
            found.target().ends_with(next.target) != next.in_the_map) {
          std::abort();
        }
      });
}

#define WITH_AND_WITHOUT_QUERY(name) BENCHMARK(name)->ArgName("query")->Arg(0)->Arg(1)
WITH_AND_WITHOUT_QUERY(BM_LoadPolicy)->Unit(benchmark::kMillisecond);
WITH_AND_WITHOUT_QUERY(BM_LoadUnorderedMap)->Unit(benchmark::kMillisecond);
WITH_AND_WITHOUT_QUERY(BM_FindInPolicy);
WITH_AND_WITHOUT_QUERY(BM_FindInUnorderedMap);
WITH_AND_WITHOUT_QUERY(BM_DecideByMap)->UseManualTime();

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
BENCHMARK(BM_Patterns)->Arg(16)->Arg(256);

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
BENCHMARK(BM_PatternsOneByOne)->Arg(16)->Arg(256);

}  // namespace
}  // namespace fingerpost

BENCHMARK_MAIN();

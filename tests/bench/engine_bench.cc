// The cost of one decision through the C interface of libfingerpost.so, from octets to octets,
// beside the core's own: "core" has the messages already, "wire" reads and writes them, too.
#include <benchmark/benchmark.h>
#include <google/protobuf/text_format.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "bench/compare.h"
#include "engine/library.h"
#include "engine/usage.h"
#include "policy/load/loader.h"
#include "policy/resolve/resolve.h"

namespace {

namespace policy = fingerpost::policy;
namespace v1 = fingerpost::v1;
using fingerpost::engine::testing::Library;
using fingerpost::engine::testing::Policy;

constexpr char kPolicy[] =
    "defaults: {allowed_hosts: [.shop.example]}\n"
    "intents:\n"
    "  order_placed: {intent: {purpose: form_result, target: '/orders/{id}/confirmation'}}\n"
    "rules:\n"
    "  - id: blog\n"
    "    match: {path_prefix: /blog}\n"
    "    intent: {purpose: permanent_move, target: 'https://journal.shop.example{rest}'}\n";

struct Question {
  const char* name;
  const char* text;
};

constexpr Question kQuestions[] = {
    {"form_result",
     "request { method: 'POST' url: 'https://shop.example/orders' } "
     "intent { purpose: PURPOSE_FORM_RESULT target: '/orders/7829/confirmation' }"},
    {"named",
     "request { method: 'POST' url: 'https://shop.example/orders' } "
     "intent_name: 'order_placed' parameters { key: 'id' value: '7829' }"},
    {"rule", "request { method: 'GET' url: 'https://shop.example/blog/tea' }"},
};

// As the service does with a message that it keeps.
void OnTheWire(const policy::compiled::Snapshot& snapshot, const std::string& octets,
               v1::DecideRequest& question, v1::DecideResponse& answer, char* buffer, size_t room) {
  if (!question.ParseFromString(octets) || !policy::resolve::Decide(snapshot, question, answer) ||
      !answer.SerializeToArray(buffer, static_cast<int>(room))) {
    std::exit(1);
  }
}

void BM_Engine(benchmark::State& state, const Question& question, bool is_beside_wire) {
  v1::DecideRequest request;
  if (!google::protobuf::TextFormat::ParseFromString(question.text, &request)) std::abort();
  const std::string octets = request.SerializeAsString();
  const auto snapshot = policy::load::FromText(kPolicy, "bench").snapshot;
  const Library& library = fingerpost::engine::testing::Loaded();
  const Policy opened(kPolicy, library);
  v1::DecideResponse kept;
  v1::DecideRequest read;
  char buffer[4096];
  fingerpost::bench::Compare(
      state,
      [&] {
        if (is_beside_wire) {
          OnTheWire(*snapshot, octets, read, kept, buffer, sizeof buffer);
        } else if (!policy::resolve::Decide(*snapshot, request, kept)) {
          std::exit(1);
        }
      },
      [&] {
        size_t size = 0;
        if (library.decide(opened.get(), octets.data(), octets.size(), buffer, sizeof buffer,
                           &size) != FINGERPOST_OK) {
          std::fprintf(stderr, "%s: no answer\n", question.name);
          std::exit(1);
        }
      });
}

// What the engine's counters add to the core's answer. Two threads that hit one rule share its
// counter: the worst case.
void BM_Counted(benchmark::State& state, const Question& question) {
  static const auto snapshot = policy::load::FromText(kPolicy, "bench").snapshot;
  static fingerpost::engine::Usage usage(*snapshot);
  v1::DecideRequest request;
  if (!google::protobuf::TextFormat::ParseFromString(question.text, &request)) std::abort();
  v1::DecideResponse answer;
  fingerpost::bench::Compare(
      state,
      [&] {
        if (!policy::resolve::Decide(*snapshot, request, answer)) std::exit(1);
      },
      [&] {
        policy::resolve::Matched matched;
        if (!policy::resolve::Decide(*snapshot, request, answer, {}, &matched)) std::exit(1);
        usage.Count({std::move(matched), policy::count::DecisionOf(request, answer), &request});
        usage.Sample(request, answer);
      });
  for (const char* counter : {"base_ns", "ns"}) {
    state.counters[counter].flags = benchmark::Counter::kAvgThreads;
  }
}

// What a report takes after so many answers, beside the answers.
void BM_Take(benchmark::State& state) {
  const Library& library = fingerpost::engine::testing::Loaded();
  const Policy opened(kPolicy, library);
  v1::DecideRequest request;
  if (!google::protobuf::TextFormat::ParseFromString(kQuestions[2].text, &request)) std::abort();
  const std::string octets = request.SerializeAsString();
  std::string buffer(size_t{1} << 20, '\0');
  size_t size = 0;
  fingerpost::bench::Compare(
      state,
      [&] {
        if (library.decide(opened.get(), octets.data(), octets.size(), buffer.data(), buffer.size(),
                           &size) != FINGERPOST_OK) {
          std::exit(1);
        }
      },
      [&] {
        if (library.take_usage(opened.get(), buffer.data(), buffer.size(), &size) !=
            FINGERPOST_OK) {
          std::exit(1);
        }
      });
}

// A policy opened and closed, beside its document read by the core.
void BM_Open(benchmark::State& state) {
  const Library& library = fingerpost::engine::testing::Loaded();
  const auto snapshot = policy::load::FromText(kPolicy, "bench").snapshot;
  fingerpost::bench::Compare(
      state, [&] { benchmark::DoNotOptimize(policy::load::FromText(kPolicy, "bench")); },
      [&] { Policy(*snapshot->handed_out->Octets(), "v1", library); });
}

}  // namespace

int main(int argc, char** argv) {
  for (const Question& question : kQuestions) {
    const std::string name = std::string("engine/") + question.name;
    for (const bool is_beside_wire : {false, true}) {
      benchmark::RegisterBenchmark((name + (is_beside_wire ? "/wire" : "/core")).c_str(), BM_Engine,
                                   question, is_beside_wire)
          ->UseManualTime();
    }
  }
  for (const Question& question : kQuestions) {
    benchmark::RegisterBenchmark((std::string("engine/counted/") + question.name).c_str(),
                                 BM_Counted, question)
        ->UseManualTime()
        ->Threads(1)
        ->Threads(2);
  }
  benchmark::RegisterBenchmark("engine/take", BM_Take)->UseManualTime();
  benchmark::RegisterBenchmark("engine/open", BM_Open)->UseManualTime();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

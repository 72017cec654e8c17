// How the cost of hostile input grows with its size: 16 times the octets cost 16 times the time,
// never 256 times.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/compare.h"
#include "core/follow/follow.h"
#include "core/http/fields.h"

namespace {

namespace follow = fingerpost::follow;
namespace http = fingerpost::http;
namespace v1 = fingerpost::v1;

constexpr size_t kSmall = 4000;
constexpr size_t kLarge = 16 * kSmall;

std::string Repeat(std::string_view text, size_t size) {
  std::string all;
  while (all.size() < size) all += text;
  all.resize(size);
  return all;
}

void Add(std::string_view name, std::string_view value,
         google::protobuf::RepeatedPtrField<v1::Header>& headers) {
  v1::Header& header = *headers.Add();
  header.mutable_name()->assign(name);
  http::SetValue(header, value);
}

v1::FollowRequest Question() {
  v1::FollowRequest question;
  question.mutable_request()->set_method("GET");
  question.mutable_request()->set_url("http://a.test/dir/page");
  question.mutable_response()->set_status(302);
  return question;
}

v1::FollowRequest HostileLocation(std::string_view prefix, std::string_view piece, size_t size) {
  v1::FollowRequest question = Question();
  Add("Location", std::string(prefix) + Repeat(piece, size) + 'x',
      *question.mutable_response()->mutable_headers());
  return question;
}

v1::FollowRequest HostileFields(size_t size) {
  v1::FollowRequest question = Question();
  for (int i = 0; i < 10; ++i) {
    const std::string text = "a" + std::to_string(i);
    for (const char* name : {"Connection", "Cookie", "Referer"}) {
      Add(name, Repeat(text + "=b;,", size), *question.mutable_request()->mutable_headers());
    }
    for (const char* name : {"Set-Cookie", "Referrer-Policy", "Retry-After"}) {
      Add(name, Repeat(text + "=b; Path=/,", size),
          *question.mutable_response()->mutable_headers());
    }
  }
  Add("Location", "http://b.test/", *question.mutable_response()->mutable_headers());
  return question;
}

void Growth(benchmark::State& state, const v1::FollowRequest& small,
            const v1::FollowRequest& large) {
  v1::FollowResponse answer;
  double small_seconds = 0;
  double large_seconds = 0;
  for (auto _ : state) {
    const double start = fingerpost::bench::ThreadSeconds();
    for (int i = 0; i < 16; ++i) benchmark::DoNotOptimize(follow::Follow(small, answer));
    const double middle = fingerpost::bench::ThreadSeconds();
    benchmark::DoNotOptimize(follow::Follow(large, answer));
    const double end = fingerpost::bench::ThreadSeconds();
    small_seconds += (middle - start) / 16;
    large_seconds += end - middle;
    state.SetIterationTime(end - middle);
  }
  state.counters["growth"] = large_seconds / small_seconds;
}

}  // namespace

int main(int argc, char** argv) {
  for (const char* piece : {"@", "../", "%2e%2e/", "\\", "a.", "[", ":", "x ", "\xE9", "\xC3\xA9",
                            "?", "#", "://", "/x/../", "%"}) {
    for (const char* prefix : {"", "/", "http://", "http://a.test/", "//"}) {
      const std::string name = "location/" + std::string(prefix) + " + " +
                               (piece[0] & 0x80 ? "above ASCII" : std::string(piece));
      benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        Growth(state, HostileLocation(prefix, piece, kSmall),
               HostileLocation(prefix, piece, kLarge));
      })->UseManualTime();
    }
  }
  benchmark::RegisterBenchmark("fields", [](benchmark::State& state) {
    Growth(state, HostileFields(kSmall), HostileFields(kLarge));
  })->UseManualTime();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

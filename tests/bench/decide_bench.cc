// Decide in process, beside what it cannot do without: ada's parse of the same URLs.
//
// Each question has a baseline that parses its request URL and resolves its target. The ratio of
// the two is what the goal speaks of: at most about 2.
#include <benchmark/benchmark.h>
#include <google/protobuf/text_format.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <string>

#include "core/decide.h"
#include "core/url.h"

namespace fingerpost {
namespace {

struct Question {
  const char* name;
  const char* text;
};

constexpr std::array kQuestions = std::to_array<Question>({
    {"form_result",
     "request { method: 'POST' url: 'https://shop.example.com/orders' } "
     "intent { purpose: PURPOSE_FORM_RESULT target: '/orders/7829/confirmation' }"},
    {"temporary_move_browser",
     "request { method: 'GET' url: 'https://api.example.com/v1/users/7829?fields=name' "
     "  headers { name: 'Host' value: 'api.example.com' } "
     "  headers { name: 'Sec-Fetch-Mode' value: 'navigate' } "
     "  headers { name: 'Accept' value: 'text/html,application/xhtml+xml,*/*;q=0.8' } } "
     "intent { purpose: PURPOSE_TEMPORARY_MOVE target: 'https://api.example.com/v2/users/7829' }"},
    {"created_api",
     "request { method: 'POST' url: 'https://api.example.com/v1/users' protocol: PROTOCOL_HTTP_2 "
     "  headers { name: 'content-type' value: 'application/json' } } "
     "intent { purpose: PURPOSE_RESOURCE_CREATED target: '/v1/users/7829' }"},
    {"end_user_refused",
     "request { method: 'POST' url: 'https://shop.example.com/login' } "
     "intent { purpose: PURPOSE_FORM_RESULT target: 'https://evil.example.net/x' "
     "  allowed_hosts: '.example.com' }"},
});

v1::DecideRequest Parse(const char* text) {
  v1::DecideRequest request;
  if (!google::protobuf::TextFormat::ParseFromString(text, &request)) std::abort();
  return request;
}

void BM_Ada(benchmark::State& state) {
  const v1::DecideRequest request = Parse(kQuestions[static_cast<size_t>(state.range(0))].text);
  for (auto _ : state) {
    const auto base = ada::parse<Url>(request.request().url());
    auto target = ada::parse<Url>(request.intent().target(), &*base);
    benchmark::DoNotOptimize(target);
  }
  state.SetLabel(kQuestions[static_cast<size_t>(state.range(0))].name);
}

// The caller keeps the response, as the server does.
void BM_Decide(benchmark::State& state) {
  const v1::DecideRequest request = Parse(kQuestions[static_cast<size_t>(state.range(0))].text);
  const v1::Defaults defaults;
  v1::DecideResponse answer;
  v1::Error error;
  for (auto _ : state) {
    const bool answered = Decide({.request = request,
                                  .intent = request.intent(),
                                  .defaults = defaults,
                                  .rule = {},
                                  .policy_version = "b2a1f0c4",
                                  .looked_at_fields = {}},
                                 answer, error);
    if (!answered) std::abort();
    benchmark::DoNotOptimize(answer);
  }
  state.SetLabel(kQuestions[static_cast<size_t>(state.range(0))].name);
}

BENCHMARK(BM_Ada)->DenseRange(0, kQuestions.size() - 1);
BENCHMARK(BM_Decide)->DenseRange(0, kQuestions.size() - 1);

}  // namespace
}  // namespace fingerpost

BENCHMARK_MAIN();

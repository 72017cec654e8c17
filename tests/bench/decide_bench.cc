// The cost of one decision in-process, beside its unavoidable part: ada's parse of the request's
// URL and of the target.
//
// The answer's message is kept, as in the service; "fresh": a caller that makes a new one each time
// pays for its memory; "omit": one that reads neither sentences nor content.
#include <benchmark/benchmark.h>
#include <google/protobuf/text_format.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/compare.h"
#include "core/http/url.h"
#include "policy/resolve/resolve.h"

namespace {

using fingerpost::http::Url;
namespace policy = fingerpost::policy;
namespace v1 = fingerpost::v1;

struct Question {
  const char* name;
  const char* text;
  int status;  // of the answer
  const char* target;
};

constexpr Question kQuestions[] = {
    {"form_result",
     "request { method: 'POST' url: 'https://shop.example.com/orders' } "
     "intent { purpose: PURPOSE_FORM_RESULT target: '/orders/7829/confirmation' }",
     303, "https://shop.example.com/orders/7829/confirmation"},
    {"temporary_move_browser",
     "request { method: 'GET' url: 'https://api.example.com/v1/users/7829?fields=name' "
     "  headers { name: 'Host' value: 'api.example.com' } "
     "  headers { name: 'Sec-Fetch-Mode' value: 'navigate' } "
     "  headers { name: 'Accept' value: 'text/html,application/xhtml+xml,*/*;q=0.8' } } "
     "intent { purpose: PURPOSE_TEMPORARY_MOVE target: 'https://api.example.com/v2/users/7829' }",
     307, "https://api.example.com/v2/users/7829"},
    {"created_api",
     "request { method: 'POST' url: 'https://api.example.com/v1/users' protocol: PROTOCOL_HTTP_2 "
     "  headers { name: 'content-type' value: 'application/json' } } "
     "intent { purpose: PURPOSE_RESOURCE_CREATED target: '/v1/users/7829' }",
     201, "https://api.example.com/v1/users/7829"},
    {"end_user_refused",
     "request { method: 'POST' url: 'https://shop.example.com/login' } "
     "intent { purpose: PURPOSE_FORM_RESULT target: 'https://evil.example.net/x' "
     "  allowed_hosts: '.example.com' }",
     0, ""},
};

enum class Caller : uint8_t { kKeeps, kFresh, kOmits };

void BM_Decide(benchmark::State& state, const Question& question, Caller caller) {
  v1::DecideRequest request;
  if (!google::protobuf::TextFormat::ParseFromString(question.text, &request)) std::abort();
  if (caller == Caller::kOmits) {
    request.add_omit(v1::ANSWER_PART_TEXTS);
    request.add_omit(v1::ANSWER_PART_BODY);
  }
  policy::compiled::Snapshot snapshot;
  snapshot.version = "b2a1f0c4";
  const auto decide = [&](v1::DecideResponse& answer) {
    if (!policy::resolve::Decide(snapshot, request, answer) || answer.status() != question.status ||
        answer.target() != question.target) {
      std::fprintf(stderr, "%s: %s\n", question.name, answer.ShortDebugString().c_str());
      std::exit(1);
    }
  };
  v1::DecideResponse kept;
  fingerpost::bench::Compare(
      state,
      [&] {
        const auto base = ada::parse<Url>(request.request().url());
        auto target = ada::parse<Url>(request.intent().target(), &*base);
        benchmark::DoNotOptimize(target);
      },
      [&] {
        if (caller != Caller::kFresh) return decide(kept);
        v1::DecideResponse answer;
        decide(answer);
      });
}

}  // namespace

int main(int argc, char** argv) {
  for (const Question& question : kQuestions) {
    const std::string name = std::string("decide/") + question.name;
    const auto add = [&](const char* variant, Caller caller) {
      benchmark::RegisterBenchmark((name + variant).c_str(), BM_Decide, question, caller)
          ->UseManualTime();
    };
    add("", Caller::kKeeps);
    add("/fresh", Caller::kFresh);
    add("/omit", Caller::kOmits);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

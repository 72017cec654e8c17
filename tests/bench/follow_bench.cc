// The cost of one hop in-process, beside its unavoidable part: ada's parse of the request's URL and
// of Location.
//
// The answer's message is kept; "fresh": a new one each time.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "ada.h"
#include "bench/compare.h"
#include "core/follow/follow.h"

namespace {

namespace follow = fingerpost::follow;
namespace v1 = fingerpost::v1;

struct Exchange {
  const char* name;
  const char* method;
  const char* url;
  int status;
  const char* location;
  const char* next;  // the URL of the next request
  int fields;        // How many of kFields the request has.
  const char* set_cookie = nullptr;
};

struct Field {
  const char* name;
  const char* value;
};
constexpr std::array<Field, 6> kFields = {
    {{"Accept", "text/html,application/xhtml+xml"},
     {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"},
     {"Accept-Language", "en-GB,en;q=0.9"},
     {"Authorization", "Bearer 0123456789abcdef0123456789abcdef"},
     {"Content-Type", "application/x-www-form-urlencoded"},
     {"Content-Length", "27"}}};

constexpr Exchange kExchanges[] = {
    {"bare_get_302_relative", "GET", "https://shop.example.com/orders/7829", 302,
     "/orders/7829/confirmation", "https://shop.example.com/orders/7829/confirmation", 0},
    {"get_301_same_origin", "GET", "https://shop.example.com/catalog/shoes?page=2&sort=price", 301,
     "/catalogue/shoes?page=2&sort=price",
     "https://shop.example.com/catalogue/shoes?page=2&sort=price", 4},
    {"post_303", "POST", "https://shop.example.com/orders", 303, "/orders/7829/confirmation",
     "https://shop.example.com/orders/7829/confirmation", 6},
    {"post_307_cross_origin", "POST", "https://hooks.example.com/v1/events", 307,
     "https://eu.hooks.example.com/v1/events", "https://eu.hooks.example.com/v1/events", 6},
    {"get_302_cookie", "GET", "https://login.example.com/session", 302, "https://shop.example.com/",
     "https://shop.example.com/", 4, "sid=abc; Domain=example.com; Path=/; Secure; HttpOnly"},
};

v1::FollowRequest Question(const Exchange& exchange) {
  v1::FollowRequest question;
  question.mutable_request()->set_method(exchange.method);
  question.mutable_request()->set_url(exchange.url);
  for (int i = 0; i < exchange.fields; ++i) {
    v1::Header& header = *question.mutable_request()->add_headers();
    header.set_name(kFields[static_cast<size_t>(i)].name);
    header.set_value(kFields[static_cast<size_t>(i)].value);
  }
  if (exchange.method[0] == 'P') question.mutable_request()->set_body(v1::BODY_REPLAYABLE);
  question.mutable_response()->set_status(exchange.status);
  const auto add = [&question](const char* name, const char* value) {
    v1::Header& header = *question.mutable_response()->add_headers();
    header.set_name(name);
    header.set_value(value);
  };
  add("Cache-Control", "no-store");
  add("Location", exchange.location);
  if (exchange.set_cookie != nullptr) add("Set-Cookie", exchange.set_cookie);
  question.mutable_now()->set_seconds(1700000000);
  return question;
}

void ParseBoth(const Exchange& exchange) {
  auto url = ada::parse<ada::url_aggregator>(exchange.url);
  auto next = ada::parse<ada::url_aggregator>(exchange.location, &*url);
  benchmark::DoNotOptimize(next);
}

void BM_Follow(benchmark::State& state, const Exchange& exchange, bool fresh) {
  const v1::FollowRequest question = Question(exchange);
  const auto ask = [&](v1::FollowResponse& answer) {
    if (!follow::Follow(question, answer) || answer.next().url() != exchange.next) {
      std::fprintf(stderr, "%s: %s\n", exchange.name, answer.ShortDebugString().c_str());
      std::exit(1);
    }
  };
  v1::FollowResponse kept;
  fingerpost::bench::Compare(
      state, [&] { ParseBoth(exchange); },
      [&] {
        if (!fresh) return ask(kept);
        v1::FollowResponse answer;
        ask(answer);
      });
}

}  // namespace

int main(int argc, char** argv) {
  for (const Exchange& exchange : kExchanges) {
    const std::string name = std::string("follow/") + exchange.name;
    benchmark::RegisterBenchmark(name.c_str(), BM_Follow, exchange, false)->UseManualTime();
    benchmark::RegisterBenchmark((name + "/fresh").c_str(), BM_Follow, exchange, true)
        ->UseManualTime();
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

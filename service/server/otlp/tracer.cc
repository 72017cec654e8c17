#include "server/otlp/tracer.h"

#include <cstring>
#include <optional>
#include <random>
#include <utility>

#include "server/otlp/trace_context.h"

namespace fingerpost {
namespace {

// The one bit that the next observer does not use.
constexpr unsigned kSpan = 1U << 31;

// From as many bits as an id has: with fewer, the threads of many pods would begin alike.
std::mt19937_64 Seeded() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

// Never all 0, which is not an id.
template <typename Octets>
Octets MakeId() {
  thread_local std::mt19937_64 random = Seeded();
  Octets id;
  for (size_t i = 0; i < id.size(); i += sizeof(uint64_t)) {
    uint64_t word = 0;
    while (word == 0) word = random();
    std::memcpy(id.data() + i, &word, sizeof word);
  }
  return id;
}

}  // namespace

unsigned Tracer::Wants(const CallSummary& call) {
  const unsigned wanted = next_.Wants(call);
  const auto parent = ParseTraceParent(call.field("traceparent"));
  const bool sampled =
      parent ? parent->sampled
             : every_ != 0 && roots_.fetch_add(1, std::memory_order_relaxed) % every_ == 0;
  return sampled ? wanted | kSpan : wanted;
}

void Tracer::Finished(unsigned wanted, const CallRecord& record) {
  const unsigned rest = wanted & ~kSpan;
  if ((wanted & kSpan) == 0) return next_.Finished(rest, record);
  FinishedCall call = ToFinishedCall(record);
  call.end = std::chrono::system_clock::now();
  call.span = MakeId<SpanOctets>();
  const auto parent = ParseTraceParent(record.traceparent);
  if (parent) {
    call.trace = parent->trace;
    call.parent = parent->span;
  } else {
    call.trace = MakeId<TraceOctets>();
    call.trace_state.clear();
  }
  if (rest != 0) {
    CallRecord told = record;
    if (!parent) told.traceparent = ToText({call.trace, call.span, true});
    next_.Finished(rest, told);
  }
  exporter_.Add(std::move(call));
}

}  // namespace fingerpost

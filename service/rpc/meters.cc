#include "rpc/meters.h"

#include <algorithm>

#include "policy/count/thread_number.h"

namespace fingerpost {
namespace {

// More threads than this share shards, which is slower but still correct.
constexpr size_t kShards = 32;

using Counter = std::atomic<uint64_t>;

void Add(Counter& counter, uint64_t amount = 1) {
  counter.fetch_add(amount, std::memory_order_relaxed);
}

uint64_t Read(const Counter& counter) { return counter.load(std::memory_order_relaxed); }

struct Calls {
  Counter started, received, sent, nanoseconds;
  std::array<Counter, kCodes> handled;
  std::array<Counter, kDurationBounds.size() + 1> durations;
};

}  // namespace

struct alignas(64) Meters::Shard {
  std::array<fingerpost::Calls, kMethods.size()> calls;
};

Meters::Meters() : shards_(std::make_unique<Shard[]>(kShards)) {}
Meters::~Meters() = default;

Meters::Shard& Meters::Mine() const { return shards_[policy::count::ThreadNumber() % kShards]; }

void Meters::Started(Method method) { Add(Mine().calls[static_cast<size_t>(method)].started); }
void Meters::Received(Method method) { Add(Mine().calls[static_cast<size_t>(method)].received); }
void Meters::Sent(Method method) { Add(Mine().calls[static_cast<size_t>(method)].sent); }

void Meters::Finished(Method method, grpc::StatusCode code, std::chrono::nanoseconds duration) {
  auto& calls = Mine().calls[static_cast<size_t>(method)];
  Add(calls.handled[std::min(static_cast<size_t>(code), kCodes - 1)]);
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bucket = std::lower_bound(kDurationBounds.begin(), kDurationBounds.end(), seconds);
  Add(calls.durations[static_cast<size_t>(bucket - kDurationBounds.begin())]);
  Add(calls.nanoseconds, static_cast<uint64_t>(duration.count()));
}

CallCounts Meters::Calls(Method method) const {
  CallCounts sum;
  for (size_t shard = 0; shard < kShards; ++shard) {
    const auto& calls = shards_[shard].calls[static_cast<size_t>(method)];
    sum.started += Read(calls.started);
    sum.received += Read(calls.received);
    sum.sent += Read(calls.sent);
    sum.nanoseconds += Read(calls.nanoseconds);
    for (size_t i = 0; i < sum.handled.size(); ++i) sum.handled[i] += Read(calls.handled[i]);
    for (size_t i = 0; i < sum.durations.size(); ++i) sum.durations[i] += Read(calls.durations[i]);
  }
  return sum;
}

}  // namespace fingerpost

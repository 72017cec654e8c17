#include "rpc/exchange.h"

#include <grpcpp/support/slice.h>

#include <vector>

#include "rpc/guarded.h"

namespace fingerpost {
namespace {

// A question up to this size keeps its memory for the next one.
constexpr size_t kKeptOctets = size_t{4} << 10;

// Copies, because a slice of a few octets may hold all the memory of its read.
void Read(grpc::ByteBuffer& octets, std::string& question) {
  std::vector<grpc::Slice> slices;
  question.reserve(octets.Length());
  if (!octets.Dump(&slices).ok()) return;  // It is empty.
  for (const grpc::Slice& slice : slices) {
    question.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  octets.Clear();
}

// Returns what the octets take.
int64_t Write(Output& output, grpc::ByteBuffer& octets) {
  const auto free = [](void* chunk) { delete[] static_cast<char*>(chunk); };
  auto chunks = output.Take();
  std::vector<grpc::Slice> slices;
  slices.reserve(chunks.size());
  int64_t held = 0;
  for (Output::Chunk& chunk : chunks) {
    slices.emplace_back(chunk.octets.get(), chunk.size, free);
    (void)chunk.octets.release();
    held += static_cast<int64_t>(chunk.capacity);
  }
  grpc::ByteBuffer written(slices.data(), slices.size());
  octets.Swap(&written);
  return held;
}

void Forget(Exchange& exchange) {
  exchange.question.clear();
  if (exchange.question.capacity() > kKeptOctets) exchange.question.shrink_to_fit();
  exchange.batch.frame.reset();
}

}  // namespace

bool Continue(Worker& worker, Work& work, Answerer& answerer, Exchange& exchange,
              grpc::ByteBuffer& octets, grpc::Status& status) noexcept {
  const bool explained = exchange.share.explains();
  worker.SetAnswering(true);
  auto step = Answerer::Step::kDone;
  bool has_returned = false;
  status = Guarded([&] {
    grpc::Status result;
    if (exchange.question.empty()) {
      exchange.batch = {};
      Read(octets, exchange.question);
    }
    step = answerer.Continue(exchange, result);
    if (step == Answerer::Step::kDone && result.ok()) {
      exchange.share.Settle(kCallOctets + Write(exchange.output, octets));
    }
    has_returned = true;
    return result;
  });
  if (!has_returned) answerer.Abandon();
  worker.SetAnswering(false);
  if (step == Answerer::Step::kMore && status.ok()) {
    // Work that has begun continues. A call that turns out to be long queues behind other long
    // ones.
    if (exchange.share.explains() == explained) {
      worker.work().PutBack(work, explained ? WorkQueue::kLong : WorkQueue::kShort);
    } else {
      worker.work().Add(work, WorkQueue::kLong);
    }
    return false;
  }
  Forget(exchange);
  if (!status.ok()) Release(exchange);
  return true;
}

void Release(Exchange& exchange) {
  (void)exchange.output.Take();
  Forget(exchange);
  exchange.share.Settle(0);
}

}  // namespace fingerpost

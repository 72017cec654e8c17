#include "rpc/output.h"

#include <algorithm>
#include <utility>

#include "core/message/element.h"

namespace fingerpost {
namespace {

// The first chunk is small, like most batches. Large chunks go back to the system when they are
// freed (see server/memory.h).
constexpr size_t kFirstChunk = 4 << 10;
constexpr size_t kLargestChunk = 256 << 10;

uint8_t* Octets(char* at) { return reinterpret_cast<uint8_t*>(at); }

}  // namespace

bool Output::AddWhole(const google::protobuf::MessageLite& message) {
  const size_t size = message.ByteSizeLong();
  char* at = Append(size, size);
  if (at == nullptr) return false;
  message.SerializeWithCachedSizesToArray(Octets(at));
  return true;
}

bool Output::AddElement(int field, const google::protobuf::MessageLite& answer) {
  const size_t size = answer.ByteSizeLong();
  const size_t capacity =
      std::clamp(chunks_.empty() ? 0 : 2 * chunks_.back().capacity, kFirstChunk, kLargestChunk);
  char* at = Append(message::ElementSize(size), capacity);
  if (at == nullptr) return false;
  answer.SerializeWithCachedSizesToArray(message::WriteElementHead(field, size, Octets(at)));
  return true;
}

// Contiguous room for so many octets, or null.
char* Output::Append(size_t octets, size_t least_capacity) {
  if (chunks_.empty() || chunks_.back().capacity - chunks_.back().size < octets) {
    const size_t capacity = std::max(octets, least_capacity);
    if (!share_.Add(static_cast<int64_t>(capacity))) return nullptr;
    // Not zeroed.
    chunks_.push_back({std::unique_ptr<char[]>(new char[capacity]), 0, capacity});
  }
  Chunk& chunk = chunks_.back();
  char* at = chunk.octets.get() + chunk.size;
  chunk.size += octets;
  size_ += octets;
  return at;
}

std::vector<Output::Chunk> Output::Take() {
  size_ = 0;
  return std::exchange(chunks_, {});
}

}  // namespace fingerpost

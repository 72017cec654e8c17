#include "rpc/output.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <utility>

namespace fingerpost {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

// The first chunk is small, like most batches. Large chunks go back to the system when they are
// freed (see server/memory.h).
constexpr size_t kFirstChunk = 4 << 10;
constexpr size_t kLargestChunk = 256 << 10;

constexpr uint32_t TagOf(int field) {
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}

uint8_t* Octets(char* at) { return reinterpret_cast<uint8_t*>(at); }

}  // namespace

bool Output::AddWhole(const google::protobuf::MessageLite& message) {
  const size_t size = message.ByteSizeLong();
  char* at = Append(size, size);
  if (at == nullptr) return false;
  message.SerializeWithCachedSizesToArray(Octets(at));
  return true;
}

bool Output::AddElement(int field, const google::protobuf::MessageLite& message) {
  const size_t size = message.ByteSizeLong();
  const size_t inner = 1 + CodedOutputStream::VarintSize64(size) + size;
  const size_t outer = 1 + CodedOutputStream::VarintSize64(inner) + inner;
  const size_t capacity =
      std::clamp(chunks_.empty() ? 0 : 2 * chunks_.back().capacity, kFirstChunk, kLargestChunk);
  char* at = Append(outer, capacity);
  if (at == nullptr) return false;
  uint8_t* out = CodedOutputStream::WriteTagToArray(TagOf(1), Octets(at));
  out = CodedOutputStream::WriteVarint64ToArray(inner, out);
  out = CodedOutputStream::WriteTagToArray(TagOf(field), out);
  out = CodedOutputStream::WriteVarint64ToArray(size, out);
  message.SerializeWithCachedSizesToArray(out);
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

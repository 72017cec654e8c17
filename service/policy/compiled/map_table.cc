#include "policy/compiled/map_table.h"

#include <xxhash.h>

#include <cstring>

namespace fingerpost::policy::compiled {
namespace {

struct RecordHead {
  uint32_t line;
  HostId host;
  uint16_t path_size;
  uint16_t target_size;
  uint8_t map;
  uint8_t code;
};
constexpr size_t kAlign = 8;

// The size of its record.
size_t SizeOf(const MapEntry& entry) {
  const size_t size = sizeof(RecordHead) + entry.path.size() + entry.target.size();
  return (size + kAlign - 1) / kAlign * kAlign;
}

uint32_t Hash(HostId host, std::string_view path) {
  const uint64_t hash = XXH3_64bits_withSeed(path.data(), path.size(), host);
  return static_cast<uint32_t>(hash >> 32);
}

}  // namespace

MapEntry MapTable::Read(uint32_t place) const {
  const size_t offset = size_t{place} * kAlign;
  const char* record = chunks_[offset / kChunk].octets.get() + offset % kChunk;
  RecordHead head;
  std::memcpy(&head, record, sizeof head);
  const char* path = record + sizeof head;
  return {.path = {path, head.path_size},
          .target = {path + head.path_size, head.target_size},
          .host = head.host,
          .line = head.line,
          .map = head.map,
          .code = head.code};
}

uint32_t MapTable::Write(const MapEntry& entry) {
  const RecordHead head = {.line = entry.line,
                           .host = entry.host,
                           .path_size = static_cast<uint16_t>(entry.path.size()),
                           .target_size = static_cast<uint16_t>(entry.target.size()),
                           .map = entry.map,
                           .code = entry.code};
  const size_t size = SizeOf(entry);
  if (chunks_.empty() || chunks_.back().used + size > kChunk) {
    // Not zeroed: pages that are never reached cost nothing.
    chunks_.push_back({std::make_unique_for_overwrite<char[]>(kChunk)});
  }
  Chunk& chunk = chunks_.back();
  char* record = chunk.octets.get() + chunk.used;
  std::memcpy(record, &head, sizeof head);
  std::memcpy(record + sizeof head, entry.path.data(), entry.path.size());
  std::memcpy(record + sizeof head + entry.path.size(), entry.target.data(), entry.target.size());
  const size_t offset = (chunks_.size() - 1) * kChunk + chunk.used;
  chunk.used += size;
  return static_cast<uint32_t>(offset / kAlign);
}

size_t MapTable::FindSlot(uint32_t hash, HostId host, std::string_view path) const {
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot slot = slots_[i];
    if (slot == 0) return i;
    if (slot >> 32 != hash) continue;
    const MapEntry entry = Read(static_cast<uint32_t>(slot) - 1);
    if (entry.host == host && entry.path == path) return i;
  }
}

void MapTable::Grow() {
  // At most half full: a look-up without a result tries 2.5 slots on average.
  std::vector<Slot> old(slots_.empty() ? 1024 : slots_.size() * 2);
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const Slot slot : old) {
    if (slot == 0) continue;
    size_t i = (slot >> 32) & mask;
    while (slots_[i] != 0) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

std::optional<MapEntry> MapTable::Add(const MapEntry& entry) {
  if ((size_ + 1) * 2 > slots_.size()) Grow();
  const uint32_t hash = Hash(entry.host, entry.path);
  Slot& slot = slots_[FindSlot(hash, entry.host, entry.path)];
  if (slot != 0) return Read(static_cast<uint32_t>(slot) - 1);
  slot = uint64_t{hash} << 32 | (uint64_t{Write(entry)} + 1);
  ++size_;
  return std::nullopt;
}

MapTable::Position MapTable::End() const {
  if (chunks_.empty()) return {};
  return {.chunk = chunks_.size() - 1, .octet = chunks_.back().used};
}

void MapTable::ForEach(Position from, Position to,
                       absl::FunctionRef<void(const MapEntry&)> visit) const {
  for (size_t i = from.chunk; i <= to.chunk && i < chunks_.size(); ++i) {
    const size_t end = i == to.chunk ? to.octet : chunks_[i].used;
    for (size_t at = i == from.chunk ? from.octet : 0; at < end;) {
      const MapEntry entry = Read(static_cast<uint32_t>((i * kChunk + at) / kAlign));
      visit(entry);
      at += SizeOf(entry);
    }
  }
}

std::optional<MapEntry> MapTable::Find(HostId host, std::string_view path) const {
  if (size_ == 0) return std::nullopt;
  const Slot slot = slots_[FindSlot(Hash(host, path), host, path)];
  if (slot == 0) return std::nullopt;
  return Read(static_cast<uint32_t>(slot) - 1);
}

}  // namespace fingerpost::policy::compiled

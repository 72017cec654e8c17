#include "policy/compiled/map_table.h"

#include <xxhash.h>

#include <cstring>
#include <utility>

namespace fingerpost::policy::compiled {
namespace {

// A record is its numbers, each in as few octets as it needs, its path and its target: a page's
// path is seldom longer than 127 octets, and most maps are for one host.
constexpr size_t kMostOfNumbers = 5 + 5 + 3 + 3 + 1 + 1;

// Seven bits to an octet, of which all but the last have the eighth.
char* PutNumber(uint32_t number, char* to) {
  for (; number >= 0x80; number >>= 7) *to++ = static_cast<char>(number | 0x80);
  *to++ = static_cast<char>(number);
  return to;
}

const char* GetNumber(const char* from, uint32_t& number) {
  number = static_cast<uint8_t>(*from++);
  if (number < 0x80) return from;
  number &= 0x7F;
  for (int shift = 7;; shift += 7) {
    const auto octet = static_cast<uint8_t>(*from++);
    number |= uint32_t{octet & 0x7FU} << shift;
    if (octet < 0x80) return from;
  }
}

char* PutText(std::string_view text, char* to) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* Put(const MapEntry& entry, char* to) {
  to = PutNumber(entry.line, to);
  to = PutNumber(entry.host, to);
  to = PutNumber(static_cast<uint32_t>(entry.path.size()), to);
  to = PutNumber(static_cast<uint32_t>(entry.target.size()), to);
  *to++ = static_cast<char>(entry.map);
  *to++ = static_cast<char>(entry.code);
  return PutText(entry.target, PutText(entry.path, to));
}

MapEntry Get(const char* from) {
  MapEntry entry;
  uint32_t path_size = 0;
  uint32_t target_size = 0;
  from = GetNumber(from, entry.line);
  from = GetNumber(from, entry.host);
  from = GetNumber(from, path_size);
  from = GetNumber(from, target_size);
  entry.map = static_cast<uint8_t>(*from++);
  entry.code = static_cast<uint8_t>(*from++);
  entry.path = {from, path_size};
  entry.target = {from + path_size, target_size};
  return entry;
}

}  // namespace

uint64_t MapTable::HashOf(HostId host, std::string_view path) {
  return XXH3_64bits_withSeed(path.data(), path.size(), host);
}

MapEntry MapTable::ReadAt(Slot slot) const {
  return Get(At((slot & ((Slot{1} << kPlaceBits) - 1)) - 1));
}

uint64_t MapTable::Write(const MapEntry& entry) {
  const size_t most = kMostOfNumbers + entry.path.size() + entry.target.size();
  if (chunks_.empty() || chunks_.back().used + most > kChunk) {
    // A small map has one chunk, and no need of a huge page.
    chunks_.push_back({MapPages<char>(kChunk, !chunks_.empty())});
  }
  Chunk& chunk = chunks_.back();
  const uint64_t place = (chunks_.size() - 1) * kChunk + chunk.used;
  char* const record = chunk.octets.get() + chunk.used;
  chunk.used += static_cast<size_t>(Put(entry, record) - record);
  return place;
}

size_t MapTable::FindSlot(uint64_t hash, HostId host, std::string_view path) const {
  const size_t mask = slot_count_ - 1;
  for (size_t i = (hash >> kPlaceBits) & mask;; i = (i + 1) & mask) {
    const Slot slot = slots_[i];
    if (slot == 0) return i;
    if (slot >> kPlaceBits != hash >> kPlaceBits) continue;
    const MapEntry entry = ReadAt(slot);
    if (entry.host == host && entry.path == path) return i;
  }
}

void MapTable::Grow() {
  // At most half full: a look-up without a result tries 2.5 slots on average.
  const size_t count = slot_count_ == 0 ? 1024 : slot_count_ * 2;
  const size_t size = count * sizeof(Slot);
  Pages<Slot> slots = MapPages<Slot>(size, size >= kHugePage);
  for (size_t old = 0; old < slot_count_; ++old) {
    if (slots_[old] == 0) continue;
    size_t i = (slots_[old] >> kPlaceBits) & (count - 1);
    while (slots[i] != 0) i = (i + 1) & (count - 1);
    slots[i] = slots_[old];
  }
  slots_ = std::move(slots);
  slot_count_ = count;
}

std::optional<MapEntry> MapTable::Add(const MapEntry& entry, uint64_t hash) {
  if ((size_ + 1) * 2 > slot_count_) Grow();
  Slot& slot = slots_[FindSlot(hash, entry.host, entry.path)];
  if (slot != 0) return ReadAt(slot);
  slot = hash >> kPlaceBits << kPlaceBits | (Write(entry) + 1);
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
      const char* const record = chunks_[i].octets.get() + at;
      const MapEntry entry = Get(record);
      visit(entry);
      at += static_cast<size_t>(entry.target.data() + entry.target.size() - record);
    }
  }
}

std::optional<MapEntry> MapTable::Find(HostId host, std::string_view path, uint64_t hash) const {
  if (size_ == 0) return std::nullopt;
  const Slot slot = slots_[FindSlot(hash, host, path)];
  if (slot == 0) return std::nullopt;
  return ReadAt(slot);
}

}  // namespace fingerpost::policy::compiled

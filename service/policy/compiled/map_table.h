// Exact redirects by the million: one arena of records and one open-addressing table of 64-bit
// slots.
//
// A look-up reads one or two cache lines of the table, and one record. Both are in huge pages, so
// that finding their addresses costs no further ones.
//
// A million entries of tests/bench/million.h, CPU time of one thread, best of nine in turn:
//
//                                       fill      memory     look-up    freed
//   this table                           47 ms     90 MiB    194 ns     0.6 ms
//   without Prefetch                    102 ms     90 MiB    198 ns     0.6 ms
//   in small pages                       96 ms     89 MiB    228 ns     6.6 ms
//   as it was before both               148 ms    100 MiB    210 ns     7.8 ms
//
// Why not Abseil's: three runs of an earlier day, with the table as it was then. The second row
// keeps the records and has flat_hash_set<hash and place> for the slots.
//
//   this table                          150 ms    112 MiB    192 ns
//   records and flat_hash_set           144 ms    114 MiB    270 ns
//   flat_hash_map<string, string>       668 ms    237 MiB    248 ns
#pragma once

#include <absl/functional/function_ref.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "policy/compiled/host_table.h"
#include "policy/compiled/pages.h"

namespace fingerpost::policy::compiled {

// One entry. The views live as long as the table.
struct MapEntry {
  std::string_view path;
  std::string_view target;
  HostId host = kAnyHost;
  uint32_t line = 0;  // In its file, 1-based.
  uint8_t map = 0;    // Index of its file in the policy.
  uint8_t code = 0;   // Index into kMapCodes; 0: the map's own purpose.
  // The parameters of its source; MapTable knows none of them (see row_query.h).
  std::string_view query = {};
};

// Immutable once filled; then thread-safe.
class MapTable {
 public:
  static constexpr size_t kMaxEntries = 4'000'000;  // Twice the largest known map.
  static constexpr size_t kMaxPath = 0xFFFF;
  static constexpr size_t kMaxTarget = 0xFFFF;

  // Adds a copy of `entry`, whose path and target are within the limits. If there is an entry with
  // the same host and path, adds nothing and returns that entry. The caller must keep to
  // kMaxEntries, and to 60 GiB in all.
  std::optional<MapEntry> Add(const MapEntry& entry) {
    return Add(entry, HashOf(entry.host, entry.path));
  }
  std::optional<MapEntry> Add(const MapEntry& entry, uint64_t hash);

  [[nodiscard]] std::optional<MapEntry> Find(HostId host, std::string_view path) const {
    return size_ == 0 ? std::nullopt : Find(host, path, HashOf(host, path));
  }
  [[nodiscard]] std::optional<MapEntry> Find(HostId host, std::string_view path,
                                             uint64_t hash) const;

  // For who adds or looks up many: a key's hash, and its slot on the way to the cache while others
  // are dealt with. Memory is what both wait for.
  [[nodiscard]] static uint64_t HashOf(HostId host, std::string_view path);
  void Prefetch(uint64_t hash) const {
    if (slot_count_ > 0) __builtin_prefetch(&slots_[(hash >> kPlaceBits) & (slot_count_ - 1)]);
  }

  // Between two entries; the default one is before the first.
  struct Position {
    size_t chunk = 0;
    size_t octet = 0;
  };
  [[nodiscard]] Position End() const;

  // Visits the entries from `from` to `to`, in the order of Add.
  void ForEach(Position from, Position to, absl::FunctionRef<void(const MapEntry&)> visit) const;
  // Visits every entry.
  void ForEach(absl::FunctionRef<void(const MapEntry&)> visit) const { ForEach({}, End(), visit); }

  [[nodiscard]] size_t size() const { return size_; }

 private:
  // A slot is the first 28 bits of the key's hash and the record's 36-bit place + 1; 0 is empty.
  using Slot = uint64_t;
  static constexpr int kPlaceBits = 36;
  static constexpr size_t kChunk = kHugePage;

  [[nodiscard]] const char* At(uint64_t place) const {
    return chunks_[place / kChunk].octets.get() + place % kChunk;
  }
  [[nodiscard]] MapEntry ReadAt(Slot slot) const;
  uint64_t Write(const MapEntry& entry);
  [[nodiscard]] size_t FindSlot(uint64_t hash, HostId host, std::string_view path) const;
  void Grow();

  // Holds records, one after the other.
  struct Chunk {
    Pages<char> octets;
    size_t used = 0;
  };

  std::vector<Chunk> chunks_;
  Pages<Slot> slots_;
  size_t slot_count_ = 0;
  size_t size_ = 0;
};

}  // namespace fingerpost::policy::compiled

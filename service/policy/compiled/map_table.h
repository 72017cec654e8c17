// Exact redirects by the million: one arena of records and one open-addressing table of 64-bit
// slots.
//
// A look-up reads one or two cache lines of the table, and one record. Records are never parsed
// again, and are freed in a few large pieces.
//
// Why not Abseil's: a million entries of tests/bench/million.h, CPU time of one thread, best of
// three runs in turn. The second row keeps the records and has flat_hash_set<hash and place> for
// the slots.
//
//                                       fill      memory     look-up
//   this table                          150 ms    112 MiB    192 ns
//   records and flat_hash_set           144 ms    114 MiB    270 ns
//   flat_hash_map<string, string>       668 ms    237 MiB    248 ns
#pragma once

#include <absl/functional/function_ref.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "policy/compiled/host_table.h"

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
  // kMaxEntries, and to 16 GiB in all.
  std::optional<MapEntry> Add(const MapEntry& entry);

  [[nodiscard]] std::optional<MapEntry> Find(HostId host, std::string_view path) const;

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
  // A slot is the key's 32-bit hash and the record's place + 1; 0 is empty.
  using Slot = uint64_t;
  static constexpr size_t kChunk = size_t{16} << 20;

  [[nodiscard]] MapEntry Read(uint32_t place) const;
  uint32_t Write(const MapEntry& entry);
  [[nodiscard]] size_t FindSlot(uint32_t hash, HostId host, std::string_view path) const;
  void Grow();

  // Holds records, one after the other.
  struct Chunk {
    std::unique_ptr<char[]> octets;
    size_t used = 0;
  };

  // Records are aligned to 8 octets, so a 32-bit place reaches 32 GiB.
  std::vector<Chunk> chunks_;
  std::vector<Slot> slots_;
  size_t size_ = 0;
};

}  // namespace fingerpost::policy::compiled

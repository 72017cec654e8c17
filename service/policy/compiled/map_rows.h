// The rows of all maps, as a request meets them.
#pragma once

#include <absl/functional/function_ref.h>

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "policy/compiled/folding.h"
#include "policy/compiled/map_table.h"
#include "policy/compiled/row_query.h"
#include "policy/compiled/subject.h"

namespace fingerpost::policy::compiled {

// Immutable once filled; then thread-safe.
class MapRows {
 public:
  using Visitor = absl::FunctionRef<bool(const MapEntry&)>;

  // The rows of `map` follow; those of earlier maps are complete.
  void Begin(uint8_t map);
  // What an added row meets.
  struct Met {
    std::optional<MapEntry> same;     // Has its source; the row was not added.
    std::optional<MapEntry> folding;  // Answers first where neither's path is as it came.
  };
  // Adds a row of a map with that folding, as MapTable::Add or QueryRows::Add. `hash` is what
  // Prepare returned for the row, best a few rows ago (see MapTable::Prefetch).
  Met Add(const MapEntry& row, uint64_t hash, Folding folding);
  [[nodiscard]] uint64_t Prepare(const MapEntry& row) const;
  // The rows of the map with a query match no other parameters (see MapFile.exact_query).
  void SetExactQuery(uint8_t map) { exact_query_.set(map); }

  // The row without a query for exactly that path.
  [[nodiscard]] std::optional<MapEntry> Find(HostId host, std::string_view path) const {
    return as_came_.plain.Find(host, path);
  }
  // Makes a Find that follows soon a fast one.
  void Prefetch(HostId host, std::string_view path) const {
    if (as_came_.plain.size() > 0) as_came_.plain.Prefetch(MapTable::HashOf(host, path));
  }
  // The row that answers first for that path and query.
  [[nodiscard]] std::optional<MapEntry> FindFirst(HostId host, std::string_view path,
                                                  std::string_view query) const;

  // Visit the rows for the subject's path on `host` until `visit` returns false: those for the path
  // as it came, and those for it by folding; of each those with a query first.
  bool VisitAsCame(HostId host, const Subject& subject, Visitor visit) const {
    return VisitOf(as_came_, host, subject.path(), subject, visit);
  }
  bool VisitFolded(HostId host, const Subject& subject, Visitor visit) const;

  // Visits every row, or those of one map, in the order of Add; those with a query last.
  void ForEach(absl::FunctionRef<void(const MapEntry&)> visit) const;
  void ForEachOf(uint8_t map, absl::FunctionRef<void(const MapEntry&)> visit) const;

  [[nodiscard]] size_t size() const { return as_came_.size(); }

 private:
  struct Rows {
    MapTable plain;
    QueryRows with_query;

    std::optional<MapEntry> Add(const MapEntry& row, uint64_t hash);
    [[nodiscard]] size_t size() const { return plain.size() + with_query.size(); }
  };
  // In Rows.
  struct Position {
    MapTable::Position plain, with_query;
  };
  [[nodiscard]] Position End() const {
    return {.plain = as_came_.plain.End(), .with_query = as_came_.with_query.End()};
  }
  void ForEach(Position from, Position to, absl::FunctionRef<void(const MapEntry&)> visit) const;

  bool VisitOf(const Rows& rows, HostId host, std::string_view path, const Subject& subject,
               Visitor visit) const;
  [[nodiscard]] bool Allows(const QueryMatch& match, const Parameters& request) const;

  Rows as_came_;
  std::array<Rows, kFoldings.size()> folded_;  // Their paths are folded.
  std::bitset<256> exact_query_;               // By MapEntry::map.
  std::vector<Position> begins_;               // Likewise, in as_came_.
};

}  // namespace fingerpost::policy::compiled

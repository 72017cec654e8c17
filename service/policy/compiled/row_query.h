// The query of a map row's source, as a multiset of parameters, and the rows that have one.
#pragma once

#include <absl/functional/function_ref.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/compiled/key_filter.h"
#include "policy/compiled/map_table.h"

namespace fingerpost::policy::compiled {

inline constexpr size_t kMaxRowParameters = 16;
// Of a request. The search takes no longer than this many look-ups for each row whose first
// parameters are there.
inline constexpr size_t kMaxComparedParameters = 64;

// The parameters of a query.
struct Parameters {
  // "name=value" each, decoded as application/x-www-form-urlencoded and encoded in one spelling;
  // sorted.
  std::vector<std::string> pairs;
  size_t all = 0;  // How many there were.
};

// The first `most` parameters of `query`, which is empty or begins with "?".
[[nodiscard]] Parameters ParametersOf(std::string_view query, size_t most);

// Joined by "&".
[[nodiscard]] std::string Joined(const std::vector<std::string>& pairs);

// The source of a row with a query, "path?query", of which both are parts.
[[nodiscard]] inline std::string_view SourceOf(const MapEntry& row) {
  return {row.path.data(), row.path.size() + 1 + row.query.size()};
}

// A row for one host and path that matches some parameters.
struct QueryMatch {
  MapEntry row;
  size_t parameters;  // How many of them are its own.
};

// Immutable once filled; then thread-safe.
class QueryRows {
 public:
  // As MapTable::Add, for a row with `row.query`, which is a result of Joined, and within the same
  // text as the path (see SourceOf). Both together are no longer than MapTable::kMaxPath less 1.
  // `hash` is that of the source.
  std::optional<MapEntry> Add(const MapEntry& row, uint64_t hash);
  void Prefetch(uint64_t hash) const { rows_.Prefetch(hash); }

  // Those whose parameters are all among `request`: the most parameters first, of equal ones the
  // first line.
  [[nodiscard]] std::vector<QueryMatch> Find(HostId host, std::string_view path,
                                             const Parameters& request) const;

  // As those of MapTable.
  [[nodiscard]] MapTable::Position End() const { return rows_.End(); }
  void ForEach(MapTable::Position from, MapTable::Position to,
               absl::FunctionRef<void(const MapEntry&)> visit) const;
  [[nodiscard]] size_t size() const { return rows_.size(); }

 private:
  class Search;

  void AddKeys(const MapEntry& keyed, uint64_t hash);

  MapTable rows_;  // By "path?a=1&b=2".
  // Of those, and of "path" and "path?a=1", from which such a key goes on.
  KeyFilter keys_;
};

}  // namespace fingerpost::policy::compiled

#include "policy/compiled/map_rows.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace fingerpost::policy::compiled {

namespace {

uint64_t HashOf(const MapEntry& row) {
  return MapTable::HashOf(row.host, row.query.empty() ? row.path : SourceOf(row));
}

}  // namespace

std::optional<MapEntry> MapRows::Rows::Add(const MapEntry& row, uint64_t hash) {
  return row.query.empty() ? plain.Add(row, hash) : with_query.Add(row, hash);
}

uint64_t MapRows::Prepare(const MapEntry& row) const {
  const uint64_t hash = HashOf(row);
  if (row.query.empty()) {
    as_came_.plain.Prefetch(hash);
  } else {
    as_came_.with_query.Prefetch(hash);
  }
  return hash;
}

MapRows::Met MapRows::Add(const MapEntry& row, uint64_t hash, Folding folding) {
  Met met = {.same = as_came_.Add(row, hash), .folding = {}};
  if (met.same) return met;
  for (size_t i = 0; i < kFoldings.size(); ++i) {
    if (kFoldings[i] != folding) continue;
    std::string source = Folded(row.path, folding);
    const size_t end = source.size();
    if (!row.query.empty()) source.append("?").append(row.query);
    MapEntry folded = row;
    folded.path = std::string_view(source).substr(0, end);
    if (!row.query.empty()) folded.query = std::string_view(source).substr(end + 1);
    met.folding = folded_[i].Add(folded, HashOf(folded));
  }
  return met;
}

bool MapRows::Allows(const QueryMatch& match, const Parameters& request) const {
  return !exact_query_.test(match.row.map) || match.parameters == request.all;
}

std::optional<MapEntry> MapRows::FindFirst(HostId host, std::string_view path,
                                           std::string_view query) const {
  const Parameters request = ParametersOf(query, kMaxComparedParameters);
  const auto find = [&](const Rows& rows, std::string_view spelling) -> std::optional<MapEntry> {
    for (const QueryMatch& match : rows.with_query.Find(host, spelling, request)) {
      if (Allows(match, request)) return match.row;
    }
    return rows.plain.Find(host, spelling);
  };
  auto row = find(as_came_, path);
  for (size_t i = 0; !row && i < kFoldings.size(); ++i) {
    if (folded_[i].size() > 0) row = find(folded_[i], Folded(path, kFoldings[i]));
  }
  return row;
}

bool MapRows::VisitOf(const Rows& rows, HostId host, std::string_view path, const Subject& subject,
                      Visitor visit) const {
  if (rows.with_query.size() > 0) {
    const Parameters& request = subject.parameters();
    for (const QueryMatch& match : rows.with_query.Find(host, path, request)) {
      if (Allows(match, request) && !visit(match.row)) return false;
    }
  }
  const auto row = rows.plain.Find(host, path);
  return !row || visit(*row);
}

bool MapRows::VisitFolded(HostId host, const Subject& subject, Visitor visit) const {
  std::vector<MapEntry> visited;
  bool is_first = true;
  for (size_t i = 0; i < kFoldings.size(); ++i) {
    if (folded_[i].size() == 0) continue;
    if (std::exchange(is_first, false)) {
      (void)VisitAsCame(host, subject, [&visited](const MapEntry& row) {
        visited.push_back(row);
        return true;
      });
    }
    const auto visit_other = [&](const MapEntry& row) {
      return std::any_of(visited.begin(), visited.end(),
                         [&row](const MapEntry& other) {
                           return other.map == row.map && other.line == row.line;
                         }) ||
             visit(row);
    };
    if (!VisitOf(folded_[i], host, subject.Folded(kFoldings[i]), subject, visit_other)) {
      return false;
    }
  }
  return true;
}

void MapRows::Begin(uint8_t map) { begins_.resize(size_t{map} + 1, End()); }

void MapRows::ForEach(Position from, Position to,
                      absl::FunctionRef<void(const MapEntry&)> visit) const {
  as_came_.plain.ForEach(from.plain, to.plain, visit);
  as_came_.with_query.ForEach(from.with_query, to.with_query, visit);
}

void MapRows::ForEach(absl::FunctionRef<void(const MapEntry&)> visit) const {
  ForEach({}, End(), visit);
}

void MapRows::ForEachOf(uint8_t map, absl::FunctionRef<void(const MapEntry&)> visit) const {
  if (map >= begins_.size()) return;
  const size_t next = size_t{map} + 1;
  ForEach(begins_[map], next < begins_.size() ? begins_[next] : End(), visit);
}

}  // namespace fingerpost::policy::compiled

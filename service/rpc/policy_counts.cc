#include "rpc/policy_counts.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <new>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace fingerpost {
namespace {

using policy::compiled::HostId;
using policy::compiled::MapEntry;
using policy::compiled::Snapshot;
using policy::count::HitCounts;
using policy::count::RowCounts;
using policy::count::Tally;

uint64_t Sum(const std::vector<HitCounts>& list) {
  uint64_t sum = 0;
  for (const HitCounts& counts : list) sum += counts.hits();
  return sum;
}

void Read(const Tally::Counters& counters, std::vector<HitCounts>& out) {
  for (const auto& counter : counters) out.push_back(counter->Read());
}

// The row of `to` for the same host, path and query as `row`.
std::optional<MapEntry> SameSource(const MapEntry& row, HostId host, const Snapshot& to) {
  const auto same = to.rules.maps().FindFirst(host, row.path, row.query);
  if (!same || same->path != row.path || same->query != row.query) return std::nullopt;
  return same;
}

void CarryRows(const PolicyCounts::Current& from, const PolicyCounts::Current& to) {
  const std::vector<std::string_view> hosts = from.policy->hosts.Patterns();
  from.policy->rules.maps().ForEach([&](const MapEntry& row) {
    const RowCounts::Row counts = from.tally->rows()[row.map].Read(row.line);
    if (counts.hits == 0) return;
    const auto host = to.policy->hosts.Find(hosts[row.host]);
    if (!host) return;
    const auto same = SameSource(row, *host, *to.policy);
    if (same) to.tally->rows()[same->map].Add(same->line, counts.hits, counts.last);
  });
}

uint64_t KeyOf(uint8_t map, uint32_t line) { return uint64_t{map} << 32 | line; }

// The rows with the most hits, as places in the order of `top`.
class Most {
 public:
  explicit Most(size_t most) : most_(most) {}

  void Offer(uint8_t map, const RowCounts::Row& row) {
    rows_.push_back({row.hits, row.last, map, row.line});
    if (rows_.size() >= 2 * most_ + 64) Cut();
  }
  // Numbers them by key, and gives their counts.
  absl::flat_hash_map<uint64_t, size_t> Finish(std::vector<RowHits>& top) {
    Cut();
    absl::flat_hash_map<uint64_t, size_t> places;
    for (const Row& row : rows_) {
      places.emplace(KeyOf(row.map, row.line), top.size());
      top.push_back({.id = {}, .source = {}, .hits = row.hits, .last = row.last});
    }
    return places;
  }

 private:
  struct Row {
    uint64_t hits;
    uint32_t last;
    uint8_t map;
    uint32_t line;
  };
  void Cut() {
    const auto rank = [](const Row& row) { return std::tuple(~row.hits, row.map, row.line); };
    std::sort(rows_.begin(), rows_.end(),
              [rank](const Row& a, const Row& b) { return rank(a) < rank(b); });
    rows_.resize(std::min(rows_.size(), most_));
  }

  const size_t most_;
  std::vector<Row> rows_;
};

}  // namespace

uint64_t PolicyHits::questions() const { return Sum(rules) + Sum(intents) + Sum(maps) + misses; }

PolicyCounts::PolicyCounts(const policy::load::Store& store, int64_t now)
    : store_(store), since_(now), lasting_(now) {
  current_.policy = store_.Get();
  current_.tally = std::make_shared<Tally>(*current_.policy, nullptr, lasting_, now);
}

PolicyCounts::Current PolicyCounts::Get() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void PolicyCounts::Carry(int64_t now) {
  const Current from = Get();
  Current to{store_.Get(), nullptr};
  if (to.policy == from.policy) return;
  try {
    to.tally = std::make_shared<Tally>(*to.policy, from.tally.get(), lasting_, now);
  } catch (const std::bad_alloc&) {
    // Nothing is counted until the next policy.
  }
  {
    const std::lock_guard lock(mutex_);
    current_ = to;
  }
  if (from.tally == nullptr || to.tally == nullptr) return;
  try {
    CarryRows(from, to);
  } catch (const std::bad_alloc&) {
    // The rows that are left begin at 0.
  }
}

PolicyHits PolicyCounts::Hits() const {
  const Current current = Get();
  PolicyHits hits{.since = since_, .version = current.policy->version};
  hits.rules = {lasting_.https.Read(), lasting_.canonical.Read()};
  if (current.tally != nullptr) {
    Read(current.tally->rules(), hits.rules);
    Read(current.tally->shadow(), hits.shadow);
    Read(current.tally->intents(), hits.intents);
    Read(current.tally->maps(), hits.maps);
  }
  hits.other_rules = lasting_.other_rules.Read();
  hits.other_shadow = lasting_.other_shadow.Read();
  hits.other_intents = lasting_.other_intents.Read();
  hits.misses = lasting_.misses.all();
  hits.sampled = lasting_.misses.Sampled();
  return hits;
}

TopRows PolicyCounts::MostHit(size_t most) const {
  const Current current = Get();
  const Snapshot& policy = *current.policy;
  TopRows rows;
  if (current.tally == nullptr) return rows;
  Most candidates(std::min(most, kMostRows));
  for (size_t map = 0; map < policy.maps.size(); ++map) {
    size_t& rows_hit = rows.rows_hit.emplace_back(0);
    current.tally->rows()[map].ForEach([&](const RowCounts::Row& row) {
      ++rows_hit;
      candidates.Offer(static_cast<uint8_t>(map), row);
    });
  }
  const auto places = candidates.Finish(rows.top);
  if (places.empty()) return rows;
  const std::vector<std::string_view> hosts = policy.hosts.Patterns();
  policy.rules.maps().ForEach([&](const MapEntry& row) {
    const auto place = places.find(KeyOf(row.map, row.line));
    if (place == places.end()) return;
    RowHits& top = rows.top[place->second];
    top.id = policy.maps[row.map].name + ':' + std::to_string(row.line);
    top.source.append(hosts[row.host]).append(row.path);
    if (!row.query.empty()) top.source.append("?").append(row.query);
  });
  // Whoever reports usage may name a line that has no row.
  std::erase_if(rows.top, [](const RowHits& row) { return row.id.empty(); });
  return rows;
}

}  // namespace fingerpost

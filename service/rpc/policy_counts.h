// Hits of the policy that answers: of its rules, named intents and map rows, and the misses.
//
// Counters are beside the snapshot: a reload keeps those of rules, intents and maps with the same
// name, and of rows with the same source. Each replica counts for itself, since its start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "policy/load/store.h"
#include "rpc/hit_counter.h"
#include "rpc/miss_sample.h"
#include "rpc/tally.h"

namespace fingerpost {

// All counters but those of rows.
struct PolicyHits {
  int64_t since = 0;    // the start, in seconds since 1970-01-01 UTC
  std::string version;  // of the policy
  // In the order of the document; rules begin with "https" and "canonical", the policy's defaults.
  std::vector<HitCounts> rules, shadow, intents, maps;
  HitCounts other_rules, other_shadow, other_intents;  // of those that are not listed
  uint64_t misses = 0;
  std::vector<MissSample::Miss> sampled;

  // Answers of the policy and misses.
  [[nodiscard]] uint64_t questions() const;
};

// A row that was hit.
struct RowHits {
  std::string id;      // "map:line"
  std::string source;  // host, path and query
  uint64_t hits = 0;
  int64_t last = 0;
};

struct TopRows {
  std::vector<RowHits> top;      // the most hits first
  std::vector<size_t> rows_hit;  // of each of PolicyHits::maps: how many were ever hit
};

// Thread-safe.
class PolicyCounts {
 public:
  static constexpr size_t kMostRows = 10'000;

  // `store` must outlive this. Times are in seconds since 1970-01-01 UTC.
  PolicyCounts(const policy::load::Store& store, int64_t now);

  // What answers now, and its counters; without memory for new ones, none. Throws nothing.
  struct Current {
    policy::compiled::SnapshotPtr policy;
    std::shared_ptr<Tally> tally;
  };
  [[nodiscard]] Current Get(int64_t now);

  // Call after each change of the store: carries the counts of rows over, and gives the old
  // snapshot up. An answer of the old one that is still being made counts for its map, but no
  // longer for its row. Throws nothing.
  void Carry(int64_t now);

  [[nodiscard]] PolicyHits Hits();
  // At most kMostRows. Reads all rows once.
  [[nodiscard]] TopRows MostHit(size_t most);

 private:
  // Both under mutex_.
  Current Latest(int64_t now);
  void Adopt(policy::compiled::SnapshotPtr next, int64_t now);

  const policy::load::Store& store_;
  const int64_t since_;
  LastingCounts lasting_;
  std::mutex mutex_;
  Current current_;
  Current before_;  // Its rows are not carried over yet.
};

}  // namespace fingerpost

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

#include "policy/count/hit_counter.h"
#include "policy/count/miss_sample.h"
#include "policy/count/tally.h"
#include "policy/load/store.h"

namespace fingerpost {

// All counters but those of rows.
struct PolicyHits {
  int64_t since = 0;    // the start, in seconds since 1970-01-01 UTC
  std::string version;  // of the policy
  // In the order of the document; rules begin with "https" and "canonical", the policy's defaults.
  std::vector<policy::count::HitCounts> rules, shadow, intents, maps;
  // Of those that are not listed.
  policy::count::HitCounts other_rules, other_shadow, other_intents;
  uint64_t misses = 0;
  std::vector<policy::count::MissSample::Miss> sampled;

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

  // What answers now, and its counters; without memory for them, none. One short lock.
  struct Current {
    policy::compiled::SnapshotPtr policy;
    std::shared_ptr<policy::count::Tally> tally;
  };
  [[nodiscard]] Current Get() const;

  // The store's policy answers from now on. Call after each change of the store, on the thread that
  // changed it, so that no call waits for new counters. Carries the counts of rows over. An answer
  // of the old policy that is still being made counts for its map, but no longer for its row.
  // Throws nothing.
  void Carry(int64_t now);

  [[nodiscard]] PolicyHits Hits() const;
  // At most kMostRows. Reads all rows once.
  [[nodiscard]] TopRows MostHit(size_t most) const;

 private:
  const policy::load::Store& store_;
  const int64_t since_;
  policy::count::LastingCounts lasting_;
  mutable std::mutex mutex_;
  Current current_;
};

}  // namespace fingerpost

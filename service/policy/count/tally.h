// The counters of one snapshot of the policy, each where an answer finds it without a search.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "policy/compiled/snapshot.h"
#include "policy/count/answer_counts.h"
#include "policy/count/hit_counter.h"
#include "policy/count/miss_sample.h"
#include "policy/count/row_counts.h"
#include "policy/resolve/matched.h"

namespace fingerpost::policy::count {

// Counters that outlive every snapshot.
struct LastingCounts {
  explicit LastingCounts(int64_t since)
      : https("https", since),
        canonical("canonical", since),
        other_rules("other", since),
        other_shadow("other", since),
        other_intents("other", since) {}

  HitCounter https;      // defaults.require_https
  HitCounter canonical;  // defaults.canonical
  // Of all that are not listed.
  HitCounter other_rules, other_shadow, other_intents;
  MissSample misses;
};

// Thread-safe.
class Tally {
 public:
  // Of the rules, of those in shadow mode, and of the named intents: so many are time series of
  // their own in the metrics; the first ones of the document, each as long as it exists, but none
  // that is called "other" itself.
  static constexpr size_t kListed = 100;
  using Counters = std::vector<std::shared_ptr<HitCounter>>;

  // Rules, intents and maps go on counting where those of `before`, which may be null, have the
  // same name; a rule that begins or ceases to act begins at 0. `lasting` must outlive this.
  Tally(const compiled::Snapshot& snapshot, const Tally* before, LastingCounts& lasting,
        int64_t now);

  // Counts one answer. `matched` is of the same snapshot.
  // `url` is the question's; `now` in seconds since 1970-01-01 UTC, 0: unknown.
  void Count(const resolve::Matched& matched, const Decision& decision, const std::string& url,
             int64_t now);

  // In the order of the document; intents by name.
  [[nodiscard]] const Counters& rules() const { return rules_; }
  [[nodiscard]] const Counters& shadow() const { return shadow_; }
  [[nodiscard]] const Counters& intents() const { return intents_; }
  [[nodiscard]] const Counters& maps() const { return maps_; }
  // The counter with this name, "https" and "canonical" among the rules; null: none.
  [[nodiscard]] HitCounter* FindRule(std::string_view name) const { return Find(kRules, name); }
  [[nodiscard]] HitCounter* FindShadow(std::string_view name) const { return Find(kShadow, name); }
  [[nodiscard]] HitCounter* FindIntent(std::string_view name) const { return Find(kIntents, name); }
  // The place in maps(); nullopt: none.
  [[nodiscard]] std::optional<size_t> FindMap(std::string_view name) const;
  [[nodiscard]] MissSample& misses() { return lasting_.misses; }
  // By map.
  [[nodiscard]] std::vector<RowCounts>& rows() { return rows_; }
  [[nodiscard]] const std::vector<RowCounts>& rows() const { return rows_; }

 private:
  enum Kind { kRules, kShadow, kIntents, kKinds };
  [[nodiscard]] HitCounter* Find(Kind kind, std::string_view name) const;

  Counters rules_, shadow_, intents_, maps_;
  std::vector<HitCounter*> by_place_;  // Of each rule.
  std::array<absl::flat_hash_map<std::string_view, HitCounter*>, kKinds> by_name_;
  absl::flat_hash_map<const compiled::NamedIntent*, HitCounter*> by_intent_;
  std::vector<RowCounts> rows_;
  LastingCounts& lasting_;
};

}  // namespace fingerpost::policy::count

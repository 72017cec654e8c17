#include "rpc/caller_counts.h"

#include <algorithm>
#include <tuple>

#include "core/message/utf8.h"

namespace fingerpost {

void CallerCounts::Count(const std::string& caller) {
  const std::lock_guard lock(mutex_);
  ++all_;
  auto found = callers_.find(caller);
  if (found == callers_.end()) {
    if (callers_.size() >= kKnown || caller.size() > kMaxName || !message::IsUtf8(caller)) return;
    found = callers_.emplace(caller, Entry{}).first;
    found->second.shown = callers_.size() <= kShown;
  }
  ++found->second.calls;
}

// Among equal counts, prefers callers that are already shown, so that none comes and goes
// needlessly.
std::vector<CallerCounts::Callers::const_iterator> CallerCounts::Frequent() const {
  std::vector<Callers::const_iterator> frequent;
  for (auto caller = callers_.begin(); caller != callers_.end(); ++caller) {
    frequent.push_back(caller);
  }
  const auto rank = [](Callers::const_iterator caller) {
    return std::tuple(caller->second.calls, caller->second.shown, caller->first);
  };
  const size_t count = std::min(frequent.size(), kShown);
  std::partial_sort(frequent.begin(), frequent.begin() + static_cast<std::ptrdiff_t>(count),
                    frequent.end(), [&](auto a, auto b) { return rank(a) > rank(b); });
  frequent.resize(count);
  return frequent;
}

std::vector<CallerCounts::Row> CallerCounts::Top() const {
  const std::lock_guard lock(mutex_);
  std::vector<Row> rows;
  for (const auto& caller : Frequent()) rows.push_back({caller->first, caller->second.calls});
  return rows;
}

std::vector<CallerCounts::Row> CallerCounts::Counters() {
  const std::lock_guard lock(mutex_);
  absl::flat_hash_map<std::string_view, uint64_t> before;
  for (const auto& caller : Frequent()) {
    before[caller->first] = caller->second.shown ? caller->second.before : caller->second.calls;
  }
  std::vector<Row> rows;
  uint64_t shown = 0;
  for (auto& [name, entry] : callers_) {
    const auto found = before.find(name);
    entry.shown = found != before.end();
    if (!entry.shown) continue;
    entry.before = found->second;
    rows.push_back({name, entry.calls - entry.before});
    shown += rows.back().calls;
  }
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.caller < b.caller; });
  rows.push_back({"other", all_ - shown});
  return rows;
}

}  // namespace fingerpost

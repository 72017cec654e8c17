#include "rpc/usage_service.h"

#include <algorithm>
#include <limits>
#include <new>
#include <optional>

#include "core/decide/kinds.h"
#include "policy/count/answer_counts.h"
#include "policy/count/hit_counter.h"
#include "policy/count/miss_sample.h"
#include "policy/count/tally.h"
#include "rpc/error_status.h"
#include "rpc/usage_faults.h"

namespace fingerpost {
namespace {

using google::protobuf::RepeatedPtrField;
using policy::count::Decision;
using policy::count::HitCounter;
using policy::count::MissSample;
using policy::count::Tally;

// Adds the hits of one report to the counters of the policy that answers now.
class Merge {
 public:
  Merge(const PolicyCounts::Current& current, int64_t now)
      : current_(current), tally_(*current.tally), now_(now) {}

  // Returns the hits of what the policy does not have.
  uint64_t Add(const v1::ReportUsageRequest& report) {
    AddHits(report.rules(), [&](const auto& name) { return tally_.FindRule(name); });
    AddHits(report.shadow_rules(), [&](const auto& name) { return tally_.FindShadow(name); });
    AddHits(report.intents(), [&](const auto& name) { return tally_.FindIntent(name); });
    AddHits(report.maps(), [&](const auto& name) {
      const auto map = tally_.FindMap(name);
      return map ? tally_.maps()[*map].get() : nullptr;
    });
    const bool is_same = report.policy_version() == current_.policy->version;
    for (const v1::RowUsage& row : report.rows()) AddRow(row, is_same);
    MissSample& misses = tally_.misses();
    misses.Add(report.misses());
    for (const v1::MissUsage& miss : report.sampled_misses()) {
      misses.Add(miss.url(), miss.hits(), SecondOf(miss.last()));
    }
    return unknown_;
  }

 private:
  // No report is from the future.
  [[nodiscard]] uint32_t SecondOf(const google::protobuf::Timestamp& last) const {
    const int64_t latest = std::clamp<int64_t>(now_, 0, std::numeric_limits<uint32_t>::max());
    return static_cast<uint32_t>(std::clamp<int64_t>(last.seconds(), 0, latest));
  }

  template <typename Find>
  void AddHits(const RepeatedPtrField<v1::HitUsage>& list, Find find) {
    for (const v1::HitUsage& entry : list) {
      HitCounter* counter = find(entry.name());
      if (counter == nullptr || !v1::Outcome_IsValid(entry.outcome())) {
        unknown_ += entry.hits();
      } else if (entry.hits() > 0) {
        counter->Add(entry.outcome(), entry.hits(), entry.last_status(), SecondOf(entry.last()));
      }
    }
  }

  // Another version may have the row on another line; its map has counted it.
  void AddRow(const v1::RowUsage& row, bool is_same) {
    const auto map = is_same ? tally_.FindMap(row.map()) : std::nullopt;
    if (!map || row.line() > current_.policy->maps[*map].last_line) {
      unknown_ += row.hits();
    } else if (row.hits() > 0) {
      tally_.rows()[*map].Add(row.line(), row.hits(), SecondOf(row.last()));
    }
  }

  const PolicyCounts::Current& current_;
  Tally& tally_;
  const int64_t now_;
  uint64_t unknown_ = 0;
};

// A newer engine may know more values than this version; they count as UNSPECIFIED.
v1::StopReason Known(v1::StopReason stop) {
  return v1::StopReason_IsValid(stop) ? stop : v1::STOP_REASON_UNSPECIFIED;
}
v1::Outcome Known(v1::Outcome outcome) {
  return v1::Outcome_IsValid(outcome) ? outcome : v1::OUTCOME_UNSPECIFIED;
}

// Of a kind that does not exist here only the outcome counts, so that whatever is reported, the
// table of kinds has room.
Decision KindOf(const v1::DecisionUsage& entry) {
  if (decide::IsKind(entry.outcome(), entry.purpose(), entry.status(), entry.reason())) {
    return {entry.outcome(), entry.purpose(), entry.status(), entry.reason()};
  }
  return {Known(entry.outcome()), v1::PURPOSE_UNSPECIFIED, 0, v1::REASON_CODE_UNSPECIFIED};
}

}  // namespace

message::Done UsageService::Report(const v1::ReportUsageRequest& report) {
  size_t samples = 0;
  try {
    if (message::Done good = CheckUsage(report); !good) return good;
    samples = GoodSamples(report).size();
  } catch (const std::bad_alloc&) {
    return message::Unexpected(
        MakeError(v1::ERROR_REASON_OVERLOADED, "The server is short of memory."));
  }
  // What needs memory from here on does without it.
  const PolicyCounts::Current current = counts_.Get();
  if (current.tally != nullptr) unknown_ += Merge(current, clock_().seconds()).Add(report);
  for (const v1::DecisionUsage& entry : report.decisions()) {
    meters_.answers().AddDecided(KindOf(entry), entry.hits());
    decisions_ += entry.hits();
  }
  for (const v1::FollowUsage& entry : report.follows()) {
    meters_.answers().AddFollowed(Known(entry.stop()), entry.hits());
    follows_ += entry.hits();
  }
  dropped_samples_ += static_cast<size_t>(report.samples_size()) - samples;
  ++reports_;
  return {};
}

UsageCounts UsageService::counts() const {
  return {.reports = reports_,
          .decisions = decisions_,
          .follows = follows_,
          .unknown = unknown_,
          .dropped_samples = dropped_samples_};
}

}  // namespace fingerpost

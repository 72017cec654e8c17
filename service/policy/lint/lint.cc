#include "policy/lint/lint.h"

#include <google/protobuf/util/time_util.h>

#include <functional>

#include "policy/compiled/places.h"

namespace fingerpost::policy::lint {
namespace {

using google::protobuf::Timestamp;

void LintWindow(const v1::Intent& intent, const message::Place& at,
                const std::optional<Timestamp>& now, message::Faults& faults) {
  if (!intent.has_window()) return;
  if (now && intent.window().has_until() && intent.window().until() <= *now) {
    faults.Warning(at["window.until"], "is over; remove what it limits, or move it");
  }
  if (intent.purpose() == v1::PURPOSE_PERMANENT_MOVE ||
      (intent.purpose() == v1::PURPOSE_CANONICAL_URL &&
       intent.permanence() != v1::PERMANENCE_TEMPORARY)) {
    faults.Warning(at["window"],
                   "limits what clients and search engines take for permanent; use "
                   "temporary_move or campaign");
  }
}

void CheckGraph(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                const std::optional<Timestamp>& now, const Names& names, message::Faults& faults) {
  const Walker walker(snapshot, now.value_or(Timestamp()));
  ToldCircles told(policy, walker, names, faults);
  CheckCircles(walker, told, faults);
  const RowGraph rows(walker, &told);
  CheckChains(policy, walker, names, faults);
  CheckRowChains(rows, walker, names, faults);
}

}  // namespace

void Lint(const v1::Policy& policy, const compiled::Snapshot& snapshot,
          const std::optional<Timestamp>& now, WhereIsRule where, FileOfMap file,
          message::Faults& faults) {
  for (int i = 0; i < policy.rules_size(); ++i) {
    LintWindow(policy.rules(i).intent(), compiled::kRulesPlace.Element(i, "intent"), now, faults);
  }
  for (const auto& [name, named] : policy.intents()) {
    const message::Place at = compiled::kIntentsPlace.Key(name);
    LintWindow(named.intent(), at["intent"], now, faults);
  }
  for (int i = 0; i < policy.maps_size(); ++i) {
    LintWindow(policy.maps(i).intent(), compiled::kMapsPlace.Element(i, "intent"), now, faults);
  }
  const Names names(policy, where, file);
  CheckReach(policy, snapshot, names, faults);
  CheckHidden(policy, snapshot, names, faults);
  CheckExceptions(policy, snapshot, faults);
  CheckGraph(policy, snapshot, now, names, faults);
  CheckCaptures(policy, snapshot, faults);
  CheckLiterals(policy, faults);
  CheckRowLiterals(snapshot, names, faults);
  CheckKeys(policy, snapshot, faults);
  CheckAnswers(policy, snapshot, faults);
}

}  // namespace fingerpost::policy::lint

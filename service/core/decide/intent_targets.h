// The fields of an intent that are targets.
#pragma once

#include <string>

#include "core/message/place.h"
#include "fingerpost/v1/intent.pb.h"

namespace fingerpost::decide {

// Calls visit(its place, text) for each target that is set of `intent`, which stands at `at`.
template <typename Visit>
void ForEachTarget(const v1::Intent& intent, const message::Place& at, Visit visit) {
  if (!intent.target().empty()) visit(at["target"], intent.target());
  if (!intent.fallback_target().empty()) visit(at["fallback_target"], intent.fallback_target());
  const message::Place weighted = at["weighted_targets"];
  for (int i = 0; i < intent.weighted_targets_size(); ++i) {
    visit(weighted.Element(i, "target"), intent.weighted_targets(i).target());
  }
  const message::Place alternatives = at["alternatives"];
  for (int i = 0; i < intent.alternatives_size(); ++i) {
    visit(alternatives.Element(i, "target"), intent.alternatives(i).target());
  }
}

}  // namespace fingerpost::decide

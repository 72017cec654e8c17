// The fields of an intent that are targets.
#pragma once

#include <string>

#include "core/message/violations.h"
#include "fingerpost/v1/intent.pb.h"

namespace fingerpost::decide {

// Calls visit(path from the intent, text) for each target that is set.
template <typename Visit>
void ForEachTarget(const v1::Intent& intent, Visit visit) {
  if (!intent.target().empty()) visit(std::string("target"), intent.target());
  if (!intent.fallback_target().empty()) {
    visit(std::string("fallback_target"), intent.fallback_target());
  }
  for (int i = 0; i < intent.weighted_targets_size(); ++i) {
    visit(message::FieldPath("weighted_targets", i, "target"), intent.weighted_targets(i).target());
  }
  for (int i = 0; i < intent.alternatives_size(); ++i) {
    visit(message::FieldPath("alternatives", i, "target"), intent.alternatives(i).target());
  }
}

}  // namespace fingerpost::decide

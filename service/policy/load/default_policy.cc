#include "policy/load/default_policy.h"

#include <stdexcept>

#include "policy/load/loader.h"

namespace fingerpost {

const SnapshotPtr& DefaultPolicy() {
  static const SnapshotPtr snapshot = [] {
    Loaded loaded = LoadPolicyText(kDefaultPolicyText, "default_policy.yaml");
    if (loaded.snapshot == nullptr) throw std::logic_error(ToString(FirstError(loaded.problems)));
    return std::move(loaded.snapshot);
  }();
  return snapshot;
}

}  // namespace fingerpost

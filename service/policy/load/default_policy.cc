#include "policy/load/default_policy.h"

#include <stdexcept>

#include "policy/load/loader.h"

namespace fingerpost::policy::load {

const compiled::SnapshotPtr& DefaultPolicy() {
  static const compiled::SnapshotPtr snapshot = [] {
    Loaded loaded = FromText(kDefaultPolicyText, "default_policy.yaml");
    if (loaded.snapshot == nullptr)
      throw std::logic_error(message::ToString(message::FirstError(loaded.problems)));
    return std::move(loaded.snapshot);
  }();
  return snapshot;
}

}  // namespace fingerpost::policy::load

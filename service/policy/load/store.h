// The snapshot that answers now.
//
// Readers take a reference and keep it for one request. The writer swaps a whole new snapshot in;
// the old one is kept aside until no request uses it and is then freed by the writer's thread:
// freeing a million entries never happens on a request's path.
#pragma once

#include <mutex>
#include <vector>

#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::load {

// Thread-safe.
class Store {
 public:
  // `first` must not be null: there is always a policy.
  explicit Store(compiled::SnapshotPtr first);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // One short lock and a reference count.
  [[nodiscard]] compiled::SnapshotPtr Get() const;

  // The next Get gives `next`, which must not be null. Frees what Reap would.
  void Set(compiled::SnapshotPtr next);

  // Frees the old snapshots that no request uses any more; returns how many are still in use.
  // Called from time to time by whoever calls Set.
  size_t Reap();

 private:
  mutable std::mutex mutex_;
  compiled::SnapshotPtr current_;
  std::vector<compiled::SnapshotPtr>
      retired_;  // Each has another owner as long as a request uses it.
};

}  // namespace fingerpost::policy::load

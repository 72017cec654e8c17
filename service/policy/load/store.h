// Holds the current snapshot.
//
// Readers keep a reference for one request. The writer swaps in a whole new snapshot, and keeps the
// old one until no request uses it. The writer's thread then frees it, so no request ever pays for
// freeing a million entries.
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

  // Get() returns `next` from now on, which must not be null. Also frees what Reap() would.
  void Set(compiled::SnapshotPtr next);

  // Frees the old snapshots that no request uses any more; returns how many are still in use. The
  // caller of Set() must call it from time to time.
  size_t Reap();

 private:
  mutable std::mutex mutex_;
  compiled::SnapshotPtr current_;
  std::vector<compiled::SnapshotPtr> retired_;  // Each has another owner while a request uses it.
};

}  // namespace fingerpost::policy::load

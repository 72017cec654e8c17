#include "policy/load/store.h"

#include <cassert>
#include <iterator>
#include <utility>

namespace fingerpost::policy::load {

Store::Store(compiled::SnapshotPtr first) : current_(std::move(first)) {
  assert(current_ != nullptr);
}

compiled::SnapshotPtr Store::Get() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void Store::Set(compiled::SnapshotPtr next) {
  assert(next != nullptr);
  {
    const std::lock_guard lock(mutex_);
    current_.swap(next);
    retired_.push_back(std::move(next));
  }
  Reap();
}

size_t Store::Reap() {
  std::vector<compiled::SnapshotPtr> unused;  // Freed after the lock is released.
  const std::lock_guard lock(mutex_);
  std::vector<compiled::SnapshotPtr> used;
  for (compiled::SnapshotPtr& snapshot : retired_) {
    // Only current_ gets new owners, so a count of one stays one.
    (snapshot.use_count() == 1 ? unused : used).push_back(std::move(snapshot));
  }
  retired_ = std::move(used);
  return retired_.size();
}

}  // namespace fingerpost::policy::load

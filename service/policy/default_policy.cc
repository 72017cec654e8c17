#include "policy/default_policy.h"

#include "policy/version_hash.h"

namespace fingerpost {

const SnapshotPtr& DefaultPolicy() {
  static const SnapshotPtr snapshot = Compile(v1::Policy(), VersionHash({}));
  return snapshot;
}

}  // namespace fingerpost

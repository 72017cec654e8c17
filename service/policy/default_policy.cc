#include "policy/default_policy.h"

#include "policy/version_hash.h"

namespace fingerpost {

const SnapshotPtr& DefaultPolicy() {
  static const SnapshotPtr snapshot = [] {
    Reporter reporter;
    auto compiled = Compile(v1::Policy(), reporter);
    compiled->version = VersionHash({});
    return compiled;
  }();
  return snapshot;
}

}  // namespace fingerpost

#include "policy/snapshot.h"

namespace fingerpost {

SnapshotPtr Compile(const v1::Policy& policy, std::string_view version) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->version = version;
  snapshot->defaults = policy.defaults();
  for (const auto& [name, named] : policy.intents()) {
    v1::NamedIntent& compiled = snapshot->intents[name] = named;
    compiled.mutable_intent()->set_trust(v1::TRUST_POLICY);
  }
  return snapshot;
}

}  // namespace fingerpost

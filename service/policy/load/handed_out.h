// The policy as those get it who mirror it.
#pragma once

#include <memory>

#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::load {

// `policy` has the included files in their places already, so `include` is left out.
[[nodiscard]] std::shared_ptr<const compiled::Document> HandedOut(const v1::Policy& policy);

}  // namespace fingerpost::policy::load

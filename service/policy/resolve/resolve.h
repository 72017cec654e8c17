// From a request to the intent that answers it.
//
// The one entry for rpc and the CLI: a spelled-out intent is taken as it is, a name is looked up in
// the policy, and without either the policy's rules and maps are matched against the request. The
// core then answers.
#pragma once

#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::resolve {

// Answers `request` under `snapshot`. False: `error` is filled and `out` is unspecified:
// INVALID_ARGUMENT with every wrong field, or NOT_FOUND for a name that the policy has not.
// Pure and thread-safe. `request.now` must be set where time matters.
[[nodiscard]] bool Decide(const compiled::Snapshot& snapshot, const v1::DecideRequest& request,
                          v1::DecideResponse& out, v1::Error& error);

}  // namespace fingerpost::policy::resolve

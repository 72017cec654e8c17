// The answer of the policy's rules and maps to a request that names no wish.
#pragma once

#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "policy/compiled/snapshot.h"
#include "policy/compiled/subject.h"

namespace fingerpost::policy::resolve {

// The first rule that matches decides, by the core. Rules in shadow mode are named in the answer
// and do not decide. With `explain` the trace names every rule that was looked at, the runners-up
// too.
[[nodiscard]] bool DecideMatched(const compiled::Snapshot& snapshot,
                                 const compiled::Subject& subject, v1::DecideResponse& out,
                                 v1::Error& error);

}  // namespace fingerpost::policy::resolve

// From a request to its answer: the entry for rpc, the command line and the tests.
//
// The request is read, its wish is resolved, and the core answers it.
#pragma once

#include <optional>

#include "core/decide/wish.h"
#include "core/http/limits.h"
#include "core/message/violations.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "policy/compiled/snapshot.h"
#include "policy/compiled/subject.h"

namespace fingerpost::policy::resolve {

// Answers `asked` under `snapshot`. False: `error` is filled and `answer` is unspecified:
// INVALID_ARGUMENT with every wrong field and what is beyond `limits`, or NOT_FOUND for a name that
// the policy does not have. Pure and thread-safe. `asked.now` must be set if time matters.
[[nodiscard]] bool Decide(const compiled::Snapshot& snapshot, const v1::DecideRequest& asked,
                          v1::DecideResponse& answer, v1::Error& error,
                          const http::RequestLimits& limits = {});

// The wish to answer: a spelled-out intent unchanged, a named intent from the policy, and without
// either the result of the policy's rules and maps. It refers to all its sources. `violations` has
// the request's faults already; nullopt: its error is complete.
[[nodiscard]] std::optional<decide::Wish> Resolve(const compiled::Snapshot& snapshot,
                                                  const compiled::Subject& subject,
                                                  message::Violations& violations);

}  // namespace fingerpost::policy::resolve

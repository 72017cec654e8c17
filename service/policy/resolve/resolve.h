// From a request to its answer: the entry for rpc, the command line and the tests.
//
// The request is read, its wish is resolved, and the core answers it.
#pragma once

#include "core/decide/wish.h"
#include "core/http/limits.h"
#include "core/message/faults.h"
#include "core/message/result.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "policy/compiled/snapshot.h"
#include "policy/compiled/subject.h"
#include "policy/resolve/matched.h"

namespace fingerpost::policy::resolve {

// Answers `asked` under `snapshot`. The error is INVALID_ARGUMENT with every wrong field and what
// is beyond `limits`, NOT_FOUND for a name that the policy has not, or UNIMPLEMENTED where the
// snapshot is a part of the policy, and the rest could answer otherwise; after it `answer` is
// unspecified. Pure and thread-safe. `asked.now` must be set where time matters. `matched`, a new
// one or null, is filled in; it makes the answers of rules in shadow mode, too.
[[nodiscard]] message::Done Decide(const compiled::Snapshot& snapshot,
                                   const v1::DecideRequest& asked, v1::DecideResponse& answer,
                                   const http::RequestLimits& limits = {},
                                   Matched* matched = nullptr);

// The wish to answer: a spelled-out intent unchanged, a named intent from the policy, and without
// either the result of the policy's rules and maps. It refers to all its sources. `faults` has the
// request's faults already, which are then in the error, too.
[[nodiscard]] message::Result<decide::Wish, v1::Error> Resolve(const compiled::Snapshot& snapshot,
                                                               const compiled::Subject& subject,
                                                               message::Faults& faults,
                                                               Matched* matched = nullptr);

}  // namespace fingerpost::policy::resolve

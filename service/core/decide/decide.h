// Decide: which status code and fields to send.
//
// A pure function: no I/O, no clock, no hidden state. The same input always gives the same answer,
// on every replica. Thread-safe: it only reads its input.
#pragma once

#include "core/decide/wish.h"
#include "core/http/request.h"
#include "core/message/faults.h"
#include "core/message/result.h"
#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::decide {

// Writes the whole answer to `asked`, whose request has been read, and whose wish is `wish`: of
// `asked` itself only now, draw, explain and omit are looked at. The error names what is wrong with
// the request, too, which `faults` has already; after it `answer` is unspecified. An unsafe wish is
// an answer (REFUSE), not an error.
[[nodiscard]] message::Done Decide(const v1::DecideRequest& asked, const http::Request& request,
                                   const Wish& wish, message::Faults& faults,
                                   v1::DecideResponse& answer);

// Whether the target of `wish` is the request's own URL, so that a rule that only makes URLs
// canonical does not apply. False for a target that is refused or malformed.
[[nodiscard]] bool LeadsToItself(const v1::DecideRequest& asked, const http::Request& request,
                                 const Wish& wish);

}  // namespace fingerpost::decide

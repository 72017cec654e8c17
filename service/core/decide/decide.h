// Decide: which status code and fields to send.
//
// A pure function: no I/O, no clock, no hidden state. The same input always gives the same answer,
// on every replica. Thread-safe: it only reads its input.
#pragma once

#include "core/decide/wish.h"
#include "core/http/request.h"
#include "core/message/violations.h"
#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::decide {

// Writes the whole answer to `asked`. Its request has been read, and its wish is `wish`; of `asked`
// itself only now, draw and explain are used. False: the error of `violations` is complete,
// including the faults of the request, and `answer` is unspecified. An unsafe wish is an answer
// (REFUSE), not an error.
[[nodiscard]] bool Decide(const v1::DecideRequest& asked, const http::Request& request,
                          const Wish& wish, message::Violations& violations,
                          v1::DecideResponse& answer);

// Whether the target of `wish` is the request's own URL, so that a rule that only makes URLs
// canonical does not apply. False for a target that is refused or malformed.
[[nodiscard]] bool LeadsToItself(const v1::DecideRequest& asked, const http::Request& request,
                                 const Wish& wish);

}  // namespace fingerpost::decide

// Follow: what to request next.
//
// A pure function: no I/O, no clock, no hidden state; the chain is the caller's. Thread-safe: it
// only reads its input.
#pragma once

#include "core/http/request.h"
#include "core/message/result.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Answers one hop. Where the question is malformed or beyond `limits`, the error names every wrong
// field, and `out` is unspecified. A redirect that must not be followed is an answer (stop), not an
// error.
[[nodiscard]] message::Done Follow(const v1::FollowRequest& question, v1::FollowResponse& out,
                                   const http::RequestLimits& limits = {});

}  // namespace fingerpost::follow

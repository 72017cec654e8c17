// Follow: what to request next.
//
// A pure function: no I/O, no clock, no hidden state; the chain is the caller's. Thread-safe: it
// only reads its input.
#pragma once

#include "core/http/request.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Answers one hop. False: the question is malformed or beyond `limits`, `error` names every wrong
// field, `out` is unspecified. A redirect that must not be followed is an answer (stop), not an
// error.
[[nodiscard]] bool Follow(const v1::FollowRequest& question, v1::FollowResponse& out,
                          v1::Error& error, const http::RequestLimits& limits = {});

}  // namespace fingerpost::follow

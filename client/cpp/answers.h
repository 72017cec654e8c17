// An answer is checked before it becomes a header (client/README.md, 5).
#pragma once

#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost {

// The code of an answer that failed a check.
inline constexpr char kMalformed[] = "MALFORMED";

// Returns false.
bool Malformed(const char* what, v1::Error& error);

// An outcome that this version does not know becomes PASS.
[[nodiscard]] bool CheckDecision(v1::DecideResponse& answer, v1::Error& error);
// An answer with neither `next` nor `stop` becomes a stop.
[[nodiscard]] bool CheckHop(v1::FollowResponse& answer, v1::Error& error);

}  // namespace fingerpost

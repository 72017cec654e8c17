// What a caller gets when the service does not answer (client/README.md).
#pragma once

#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost {

// False: there is no answer without the service.
[[nodiscard]] bool FallBack(const v1::DecideRequest& request, v1::DecideResponse& out);
// A stop: the response that came is the last one.
void FallBack(const v1::FollowRequest& request, const v1::Error& error, v1::FollowResponse& out);

}  // namespace fingerpost

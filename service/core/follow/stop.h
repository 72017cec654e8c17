// The reasons to stop, each with one sentence and its sources.
#pragma once

#include "core/follow/profiles/profile.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Fills in the stop of `out`. `status` is the response's.
void WriteStop(v1::StopReason reason, int status, const Profile& profile, v1::FollowResponse& out);

}  // namespace fingerpost::follow

// The reasons to stop, each with one sentence and its sources.
#pragma once

#include "core/follow/profiles/profile.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Fills in `stop`. `status` is the response's.
void WriteStop(v1::StopReason reason, int status, const Profile& profile, v1::Stop& stop);

}  // namespace fingerpost::follow

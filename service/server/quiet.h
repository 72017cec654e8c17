// A moment without gRPC calls, for GOAWAY.
//
// Clients that watch the health leave when it says NOT_SERVING, as those do that a balancer takes
// elsewhere. The others are told by GOAWAY, but gRPC 1.51 answers the calls that cross with it with
// CANCELLED, which nobody retries: so the server first waits for a moment without calls, and where
// they go on and on it makes one. Who waits for an answer asks nothing more, so answers are held
// until GOAWAY is before them. Who asks without waiting is answered by what clients retry.
#pragma once

#include "server/server.h"

namespace fingerpost {

inline constexpr std::chrono::milliseconds kLongestMakingQuiet{2225};

// After BeginDrain() and before FinishDrain(), which answers what is held.
void MakeQuiet(Server& server);

}  // namespace fingerpost

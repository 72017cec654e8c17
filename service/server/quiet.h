// A moment without gRPC calls, for GOAWAY.
//
// Clients that watch the health leave at NOT_SERVING, and so do those that a balancer moves. GOAWAY
// tells the others, but gRPC 1.51 answers calls that cross it with CANCELLED, which nobody retries.
// So the server first waits for a moment without calls, and makes one if calls never pause. A
// client that waits for an answer asks nothing more, so answers are held until GOAWAY is sent
// before them. A client that asks without waiting gets an error that clients retry.
#pragma once

#include "server/server.h"

namespace fingerpost {

inline constexpr std::chrono::milliseconds kLongestMakingQuiet{2225};

// Call it after BeginDrain() and before FinishDrain(), which releases the held answers.
void MakeQuiet(Server& server);

}  // namespace fingerpost

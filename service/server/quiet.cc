#include "server/quiet.h"

#include <thread>
#include <utility>

namespace fingerpost {
namespace {

// The length of a moment without calls.
constexpr std::chrono::milliseconds kQuiet{200};
// The longest waits for it: without help, while calls are held, and while they are sent away.
constexpr std::chrono::milliseconds kLongestQuietWait{1000};
constexpr std::chrono::milliseconds kLongestHold{600};
constexpr std::chrono::milliseconds kLongestSendingAway{600};
// Calls with so much time left, or without a deadline, may be held for both phases.
constexpr std::chrono::milliseconds kMuchTime{2 * (kLongestHold + kLongestSendingAway)};
// Calls with short deadlines are held for this long: longer than a client takes from one answer to
// its next question.
constexpr std::chrono::milliseconds kShortHold{25};
static_assert(kLongestMakingQuiet ==
              kLongestQuietWait + kLongestHold + kLongestSendingAway + kShortHold);

// Returns whether a moment without calls came.
bool WaitForQuiet(const Server& server, std::chrono::milliseconds longest) {
  const auto give_up = std::chrono::steady_clock::now() + longest;
  bool quiet = false;
  for (uint64_t seen = server.StartedCalls();
       !quiet && std::chrono::steady_clock::now() < give_up;) {
    std::this_thread::sleep_for(kQuiet);
    const uint64_t now = server.StartedCalls();
    quiet = now == std::exchange(seen, now);
  }
  return quiet;
}

}  // namespace

void MakeQuiet(Server& server) {
  if (WaitForQuiet(server, kLongestQuietWait)) return;
  server.Hold(kMuchTime);
  if (WaitForQuiet(server, kLongestHold)) return;
  server.SendAway();
  if (WaitForQuiet(server, kLongestSendingAway)) return;
  server.Hold(2 * kShortHold);
  std::this_thread::sleep_for(kShortHold);
}

}  // namespace fingerpost

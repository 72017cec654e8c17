// fingerpostd: start, wait for a signal, stop.
#include <absl/synchronization/mutex.h>
#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <thread>
#include <utility>

#include "server/command_line.h"
#include "server/failure.h"
#include "server/listener.h"
#include "server/log.h"
#include "server/policy_keeper.h"
#include "server/server.h"
#include "server/signals.h"
#include "server/tls.h"
#include "version.h"

namespace fingerpost {
namespace {

// Load balancers watch the health of an address that other machines reach.
Duration DrainDelay(const Settings& settings) {
  return IsLoopback(settings.listen) ? Duration(0) : settings.drain_delay;
}

// Octets; larger than what a call needs.
constexpr int kLargeBlock = 1 << 20;

// How long no call may have come, and how long that is waited for: first by itself, then after
// calls were sent away.
constexpr Duration kQuiet{200};
constexpr Duration kLongestQuietWait{1000};
constexpr Duration kLongestSendingAway{500};

// Whether a moment without calls came.
bool WaitForQuiet(const Server& server, Duration longest) {
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

// Clients that watch the health leave when it says NOT_SERVING. Those that do not are told by
// GOAWAY, but gRPC 1.51 answers the calls that cross with it with CANCELLED, which nobody retries:
// so the server first waits for a moment without calls, and where they go on and on it makes one,
// by an answer that is retried.
void MakeQuiet(Server& server) {
  if (WaitForQuiet(server, kLongestQuietWait)) return;
  server.SendAway();
  (void)WaitForQuiet(server, kLongestSendingAway);
}

// Ends the process at the second signal, however far the drain is.
void EndAtNextSignal(const Signals& signals) {
  std::thread([signals] {
    int signal = SIGHUP;
    while (signal == SIGHUP || signal == SIGUSR1) signal = signals.Wait();
    spdlog::warn("{} again: ending at once", signal == SIGINT ? "SIGINT" : "SIGTERM");
    _exit(static_cast<int>(ExitCode::kInterrupted));
  }).detach();
}

// Does what the other signals ask for until one says to stop.
int WaitForEnd(const Settings& settings, const Signals& signals, Server& server) {
  while (true) {
    const int signal = signals.Wait();
    if (signal == SIGHUP) {
      server.ReloadPolicy();
    } else if (signal == SIGUSR1) {
      ToggleDebugLog(settings);
    } else {
      return signal;
    }
  }
}

// What a start would find wrong, without a start.
void Check(const Settings& settings) {
  CheckTransport(settings);
  if (!settings.tls_cert.empty()) (void)ReadIdentity(settings);
  const Loaded policy = LoadOrFail(settings.policy);
  for (const Problem& problem : policy.problems) fmt::print("{}\n", ToString(problem));
  fmt::print("settings and {} are good; policy version {}\n",
             settings.policy.empty() ? "the default policy" : "policy", policy.snapshot->version);
}

void Serve(const Settings& settings, const Signals& signals) {
  Server server(settings);
  if (settings.insecure) spdlog::warn("plaintext on {}", server.Addresses());
  fmt::print("fingerpostd {} listening on {}\n", kVersion, server.Addresses());
  std::fflush(stdout);

  const int signal = WaitForEnd(settings, signals, server);
  EndAtNextSignal(signals);
  const Duration delay = DrainDelay(settings);
  spdlog::info("{}: draining, at most {} ms", signal == SIGINT ? "SIGINT" : "SIGTERM",
               (delay + kLongestQuietWait + kLongestSendingAway + settings.drain_timeout).count());
  server.BeginDrain();
  std::this_thread::sleep_for(delay);
  MakeQuiet(server);
  server.FinishDrain();
  spdlog::info("stopped");
}

int Main(int argc, const char* const* argv) {
  try {
    const CommandLine command_line = ParseCommandLine(argc, argv);
    if (command_line.print) {
      fmt::print("{}", *command_line.print);
      return static_cast<int>(ExitCode::kStopped);
    }
    if (command_line.check) {
      Check(command_line.settings);
      return static_cast<int>(ExitCode::kStopped);
    }
    // A map's memory goes back to the system with the map; left to itself, malloc keeps it.
    mallopt(M_MMAP_THRESHOLD, kLargeBlock);
    const Signals signals({SIGTERM, SIGINT, SIGHUP, SIGUSR1});
    StartLog(command_line.settings);
    // gRPC's locks are in order; looking for cycles at every lock costs up to a sixth of a call.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    Serve(command_line.settings, signals);
    spdlog::shutdown();
    return static_cast<int>(ExitCode::kStopped);
  } catch (const Failure& failure) {
    fmt::print(stderr, "fingerpostd: {}\n", failure.what());
    return static_cast<int>(failure.code());
  } catch (const std::exception& failure) {
    fmt::print(stderr, "fingerpostd: {}\n", failure.what());
    return static_cast<int>(ExitCode::kUnexpected);
  }
}

}  // namespace
}  // namespace fingerpost

int main(int argc, char** argv) { return fingerpost::Main(argc, argv); }

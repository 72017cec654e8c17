// fingerpostd: start, wait for a signal, stop.
#include <absl/synchronization/mutex.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <exception>
#include <mutex>
#include <thread>

#include "server/command_line.h"
#include "server/failure.h"
#include "server/listener.h"
#include "server/log.h"
#include "server/server.h"
#include "server/signals.h"
#include "version.h"

namespace fingerpost {
namespace {

// Load balancers watch the health of an address that other machines reach; on SIGINT a person
// waits.
Duration DrainDelay(const Settings& settings, int signal) {
  return signal == SIGINT || IsLoopback(settings.listen) ? Duration(0) : settings.drain_delay;
}

// Ends the process at the second signal, however far the drain is.
void EndAtNextSignal(const Signals& signals) {
  std::thread([signals] {
    const int signal = signals.Wait();
    spdlog::warn("{} again: ending at once", signal == SIGINT ? "SIGINT" : "SIGTERM");
    _exit(static_cast<int>(ExitCode::kInterrupted));
  }).detach();
}

void Serve(const Settings& settings, const Signals& signals) {
  Server server(settings);
  if (settings.insecure) spdlog::warn("plaintext on {}", server.Addresses());
  fmt::print("fingerpostd {} listening on {}\n", kVersion, server.Addresses());
  std::fflush(stdout);

  const int signal = signals.Wait();
  EndAtNextSignal(signals);
  const Duration delay = DrainDelay(settings, signal);
  spdlog::info("{}: draining, at most {} ms", signal == SIGINT ? "SIGINT" : "SIGTERM",
               (delay + settings.drain_timeout).count());
  server.BeginDrain();
  std::this_thread::sleep_for(delay);
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
    const Signals signals({SIGTERM, SIGINT});
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

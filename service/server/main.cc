// fingerpostd: start, wait for a signal, stop.
#include <absl/synchronization/mutex.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "server/access_log.h"
#include "server/command_line.h"
#include "server/failure.h"
#include "server/gateway/certificates.h"
#include "server/gateway/challenges.h"
#include "server/line_writer.h"
#include "server/listener.h"
#include "server/log.h"
#include "server/log_file.h"
#include "server/otlp/exporter.h"
#include "server/policy_keeper.h"
#include "server/quiet.h"
#include "server/server.h"
#include "server/signals.h"
#include "server/tls.h"
#include "version.h"

namespace fingerpost {
namespace {

// Load balancers watch only an address that other machines reach.
Duration DrainDelay(const Settings& settings) {
  return IsLoopback(settings.listen) ? Duration(0) : settings.drain_delay;
}

// From the end of the drain to that of the traces.
Duration LastExport(const Settings& settings) {
  return settings.otlp_endpoint.empty() ? Duration(0) : SpanExporter::kLastPatience;
}

// For each unread output.
constexpr Duration kLongestFlush{250};

// The process's outputs while it serves; it does not need a reader.
struct Outputs {
  LineWriter& out;
  LineWriter& log;
  LineWriter& access_log;  // one of those, or a file

  // Called when the process ends.
  void Flush() const {
    for (LineWriter* output : {&out, &access_log, &log}) (void)output->Flush(kLongestFlush);
  }
};

constexpr std::string_view kStandardOutput = "-";

// Throws Failure. Never destroyed, like the others.
LineWriter& OpenAccessLog(const Settings& settings, LineWriter& out, LineWriter& log) {
  if (settings.access_log_file.empty()) return log;
  if (settings.access_log_file == kStandardOutput) return out;
  return *new LineWriter(std::make_unique<LogFile>("--access-log-file", settings.access_log_file),
                         AccessLossLine);
}

// Ends the process at the second signal, even in the middle of a drain.
void EndAtNextSignal(const Signals& signals, const Outputs& outputs) {
  std::thread([signals, outputs] {
    int signal = SIGHUP;
    while (signal == SIGHUP || signal == SIGUSR1) signal = signals.Wait();
    spdlog::warn("{} again: ending at once", signal == SIGINT ? "SIGINT" : "SIGTERM");
    outputs.Flush();
    _exit(static_cast<int>(ExitCode::kInterrupted));
  }).detach();
}

// Obeys the other signals until one ends the process.
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

// Throws Failure if the file can be neither written nor made; makes none.
void CheckAccessLog(const std::string& file) {
  if (file.empty() || file == kStandardOutput || access(file.c_str(), W_OK) == 0) return;
  const int error = errno;
  const std::string directory = std::filesystem::absolute(file).parent_path();
  if (error == ENOENT && access(directory.c_str(), W_OK | X_OK) == 0) return;
  throw Failure(ExitCode::kFile, fmt::format("--access-log-file {}: {}", file,
                                             std::generic_category().message(error)));
}

// Reports what would fail a start, without starting.
void Check(const Settings& settings) {
  CheckTransport(settings);
  if (!settings.tls_cert.empty()) (void)ReadIdentity(settings);
  for (const Settings& pair : SitePairs(settings)) (void)ReadIdentity(pair);
  (void)Challenges(settings.redirect_acme);
  if (!settings.otlp_endpoint.empty()) (void)ExporterOptions(settings, false);
  CheckAccessLog(settings.access_log_file);
  const policy::load::Loaded policy = LoadOrFail(settings.policy, Strictness::kEveryFile);
  for (const message::Fault& problem : policy.problems)
    fmt::print("{}\n", message::ToString(problem));
  fmt::print("settings and {} are good; policy version {}\n",
             settings.policy.empty() ? "the default policy" : "policy", policy.snapshot->version);
}

void Serve(const Settings& settings, const Signals& signals, const Outputs& outputs) {
  Server server(settings, {.log = outputs.log, .access_log = outputs.access_log});
  if (settings.insecure) spdlog::warn("plaintext on {}", server.Addresses());
  (void)outputs.log.Flush(kLongestFlush);  // Both may be the same file.
  const std::string where =
      fmt::format("fingerpostd {} listening on {}", kVersion, server.Addresses());
  if (settings.access_log_file == kStandardOutput) {
    spdlog::info(where);
  } else {
    outputs.out.Write(where + '\n');
  }

  const int signal = WaitForEnd(settings, signals, server);
  EndAtNextSignal(signals, outputs);
  const Duration delay = DrainDelay(settings);
  spdlog::info(
      "{}: draining, at most {} ms", signal == SIGINT ? "SIGINT" : "SIGTERM",
      (delay + kLongestMakingQuiet + settings.drain_timeout + LastExport(settings)).count());
  server.BeginDrain();
  std::this_thread::sleep_for(delay);
  MakeQuiet(server);
  server.FinishDrain();
  (void)outputs.access_log.Flush(kLongestFlush);
  spdlog::info("stopped");
}

// Serves until a signal. A failed start is written to the log's descriptor.
ExitCode Run(const Settings& settings) {
  const Signals signals({SIGTERM, SIGINT, SIGHUP, SIGUSR1});
  // Never destroyed: the thread that waits for a second signal writes to them until the end.
  static LineWriter& out = *new LineWriter(
      STDOUT_FILENO,
      settings.access_log_file == kStandardOutput ? AccessLossLine : LossLineOf(settings));
  static LineWriter& log = *new LineWriter(STDERR_FILENO, LossLineOf(settings));
  StartLog(settings, log);
  ExitCode code = ExitCode::kStopped;
  try {
    Serve(settings, signals,
          {.out = out, .log = log, .access_log = OpenAccessLog(settings, out, log)});
  } catch (const Failure& failure) {
    log.Write(fmt::format("fingerpostd: {}\n", failure.what()));
    code = failure.code();
  } catch (const std::exception& failure) {
    log.Write(fmt::format("fingerpostd: {}\n", failure.what()));
    code = ExitCode::kUnexpected;
  }
  for (LineWriter* output : {&out, &log}) (void)output->Flush(kLongestFlush);
  return code;
}

// Otherwise the next opened file would get the number of a closed one, and its output.
void OpenStandardDescriptors() {
  int fd = STDIN_FILENO;
  while (fd >= 0 && fd <= STDERR_FILENO) fd = open("/dev/null", O_RDWR);
  if (fd > STDERR_FILENO) close(fd);
}

int Main(int argc, const char* const* argv) {
  OpenStandardDescriptors();
  // Writing to a closed pipe, or beyond a file's limit, is an error and not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
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
    // gRPC's locks are known to be in order; looking for cycles at every lock costs up to a sixth
    // of a call.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    return static_cast<int>(Run(command_line.settings));
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

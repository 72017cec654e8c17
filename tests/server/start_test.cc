// The start of fingerpostd, and its failures: one line, and a documented exit code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "server/daemon.h"
#include "server/raw_call.h"
#include "version.h"

namespace fingerpost::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

// One line on standard error, nothing on standard output.
void ExpectFailure(const Output& output, int code, const std::string& message) {
  EXPECT_EQ(output.code, code) << output.err;
  EXPECT_THAT(output.out, IsEmpty());
  EXPECT_THAT(output.err, StartsWith("fingerpostd: "));
  EXPECT_THAT(output.err, HasSubstr(message));
  EXPECT_EQ(std::count(output.err.begin(), output.err.end(), '\n'), 1) << output.err;
}

std::string TemporaryFile(const std::string& content) {
  std::string path = ::testing::TempDir() + "settings-XXXXXX";
  const int fd = mkstemp(path.data());
  if (fd >= 0) close(fd);
  std::ofstream(path) << content;
  return path;
}

TEST(Start, HelpNamesEverySettingAndEveryExitCode) {
  const Output help = RunDaemon({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.err, IsEmpty());
  for (const char* part : {"--listen", "--insecure", "--max-batch", "--drain-delay",
                           "Exit codes:", "  4  an address cannot be listened on"}) {
    EXPECT_THAT(help.out, HasSubstr(part));
  }
}

TEST(Start, VersionIsTheProjects) {
  const Output version = RunDaemon({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_EQ(version.out, std::string("fingerpostd ") + kVersion + "\n");
}

TEST(Start, SaysWhereItListens) {
  Daemon daemon;
  EXPECT_THAT(daemon.address(), MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  daemon.Signal(SIGTERM);
  const Output output = daemon.Wait();
  EXPECT_EQ(output.code, 0) << output.err;
  EXPECT_EQ(output.out, std::string("fingerpostd ") + kVersion + " listening on " +
                            daemon.address() + " (plaintext)\n");
}

TEST(Start, WritesThePortFile) {
  const std::string path = TemporaryFile("");
  Daemon daemon({"--port-file", path});
  std::string port;
  std::ifstream(path) >> port;
  EXPECT_EQ(std::string("127.0.0.1:").append(port), daemon.address());
}

TEST(Start, ListensOnASocket) {
  const std::string path = TemporaryFile("");
  std::remove(path.c_str());
  Daemon daemon({"--listen", "unix:" + path});
  EXPECT_EQ(daemon.address(), "unix:" + path);
  RawCall call(daemon.Channel(), "/grpc.health.v1.Health/Check", HealthRequest(""));
  EXPECT_EQ(HealthOf(call.Read().value_or("")), Health::kServing);
}

TEST(Start, RefusesPlaintextOnAnAddressThatOthersReach) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0"}) {
    ExpectFailure(
        RunDaemon({"--listen", address}), 2,
        "it needs TLS (--tls-cert and --tls-key), or --insecure to serve plaintext there");
  }
}

TEST(Start, ServesPlaintextAnywhereWhenTold) {
  Daemon daemon({"--listen", "0.0.0.0:0", "--insecure"});
  EXPECT_THAT(daemon.Errors(), HasSubstr("plaintext on 0.0.0.0:"));
}

TEST(Start, SaysThatThePortIsTaken) {
  const Daemon first;
  ExpectFailure(RunDaemon({"--listen", first.address()}), 4,
                "--listen " + first.address() + ": Address already in use");
}

// gRPC would replace the socket, and remove its file at the end.
TEST(Start, SaysThatTheSocketIsTaken) {
  const std::string path = TemporaryFile("");
  std::remove(path.c_str());
  const std::string address = "unix:" + path;
  {
    const Daemon first({"--listen", address});
    ExpectFailure(RunDaemon({"--listen", address}), 4,
                  "--listen " + address + ": Address already in use");
    RawCall call(first.Channel(), "/grpc.health.v1.Health/Check", HealthRequest(""));
    EXPECT_EQ(HealthOf(call.Read().value_or("")), Health::kServing);
    kill(first.pid(), SIGKILL);
  }
  const Daemon second({"--listen", address});
  EXPECT_EQ(second.address(), address) << "a file that a killed server left is nobody's";
}

TEST(Start, RefusesUnknownFlagsAndSuggestsTheNearest) {
  ExpectFailure(RunDaemon({"--lisen=127.0.0.1:0"}), 2, "did you mean --listen?");
  ExpectFailure(RunDaemon({"--colour"}), 2, "--colour: no such flag\n");
  ExpectFailure(RunDaemon({"stray"}), 2, "stray: no such flag");
}

TEST(Start, NamesEveryWrongSettingAtOnce) {
  const Output output =
      RunDaemon({"--max-batch", "0", "--drain-delay", "soon", "--log-level", "loud"},
                {"FINGERPOST_MAX_CALLS=-1"});
  ExpectFailure(output, 2, "--max-batch: expected a number from 1 to 65536, got \"0\"");
  ExpectFailure(output, 2, "--drain-delay: expected a duration from 0s to 5m, got \"soon\"");
  ExpectFailure(output, 2, "--log-level: expected one of ");
  ExpectFailure(output, 2, "FINGERPOST_MAX_CALLS: expected a number from 1 to 1000000");
}

TEST(Start, SaysWhichFileCannotBeRead) {
  ExpectFailure(RunDaemon({"--config", "/nonexistent/settings.yaml"}), 3,
                "--config: /nonexistent/settings.yaml is not there");
  ExpectFailure(RunDaemon({"--config", "/"}), 3, "--config: / is a directory");
  ExpectFailure(RunDaemon({"--listen", "127.0.0.1:0", "--port-file", "/nonexistent/port"}), 3,
                "--port-file: cannot write /nonexistent/port");
}

TEST(Start, NamesFileAndLineOfAWrongSetting) {
  const std::string path =
      TemporaryFile("listen: 127.0.0.1:0\nmax-bach: 3\nmax-calls: many\nlog-level: [info]\n");
  const Output output = RunDaemon({"--config", path});
  ExpectFailure(output, 2, path + ":2: max-bach: no such setting, did you mean max-batch?");
  ExpectFailure(output, 2, path + ":3: max-calls: expected a number");
  ExpectFailure(output, 2, path + ":4: log-level: expected a single value");
}

TEST(Start, AFileThatIsNoMapOfSettingsIsRefused) {
  ExpectFailure(RunDaemon({"--config", TemporaryFile("- listen\n")}), 2,
                "expected a map of settings");
  ExpectFailure(RunDaemon({"--config", TemporaryFile("a: [\n")}), 2, ":2:1: is not YAML: ");
  ExpectFailure(RunDaemon({"--config", TemporaryFile("max-batch: 1\nmax-batch: 2\n")}), 2,
                ":2: max-batch: given twice, keep one");
  ExpectFailure(RunDaemon({"--config", TemporaryFile("allow-caller: [a, [b]]\n")}), 2,
                ":1: allow-caller: expected a single value");
}

// It would wait for the pipe's writer, and ignore SIGTERM.
TEST(Start, APipeIsNoPolicyAndNoCertificate) {
  const std::string pipe = TemporaryFile("");
  std::remove(pipe.c_str());
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const Output policy = RunDaemon({"--listen", "127.0.0.1:0", "--policy", pipe});
  EXPECT_EQ(policy.code, 5);
  EXPECT_THAT(policy.err, HasSubstr(pipe + ": is not a regular file"));
  ExpectFailure(RunDaemon({"--config", pipe}), 3, "is not a regular file");
  ExpectFailure(RunDaemon({"--tls-cert", pipe, "--tls-key", pipe}), 3, "is not a regular file");
  std::remove(pipe.c_str());
}

TEST(Start, RefusesAddressesThatAreNone) {
  for (const char* wrong : {"nonsense", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:http", ":0",
                            "::1:0", "[nonsense]:0", "127.0.0.1:0,0.0.0.0:0", "unix:"}) {
    ExpectFailure(RunDaemon({std::string("--listen=").append(wrong)}), 2,
                  "--listen: expected HOST:PORT with a port from 0 to 65535, or unix:PATH");
  }
  ExpectFailure(RunDaemon({"--admin-listen", "9090", "--http-listen", "unix:/tmp/http"}), 2,
                "--http-listen: expected HOST:PORT with a port from 0 to 65535, got "
                "\"unix:/tmp/http\"; --admin-listen: expected HOST:PORT");
}

TEST(Start, RefusesVariablesThatLookLikeSettings) {
  ExpectFailure(RunDaemon({"--check"}, {"FINGERPOST_MAX_BACTH=3"}), 2,
                "FINGERPOST_MAX_BACTH: no such setting, did you mean FINGERPOST_MAX_BATCH?");
  // Kubernetes sets these for a Service named fingerpost, and for one named fingerpost-listen.
  EXPECT_EQ(RunDaemon({"--check"}, {"FINGERPOST_PORT=tcp://10.0.0.1:80",
                                    "FINGERPOST_LISTEN_PORT=tcp://10.0.0.1:80",
                                    "FINGERPOST_LISTEN_SERVICE_HOST=10.0.0.1",
                                    "FINGERPOST_PORT_80_TCP_ADDR=10.0.0.1", "FINGERPOST_OTHER=1"})
                .code,
            0);
}

}  // namespace
}  // namespace fingerpost::testing

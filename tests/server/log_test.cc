// An unread log: calls are answered, the process ends in time, and lost lines are counted.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <re2/re2.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "server/daemon.h"
#include "server/http_client.h"
#include "server/line_writer.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string LossLine(uint64_t lost) { return "lost " + std::to_string(lost) + "\n"; }

// A named pipe; the test reads it.
class Pipe {
 public:
  Pipe() : path_(std::filesystem::temp_directory_path() / Name()) {
    mkfifo(path_.c_str(), 0600);
    reader_ = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    writer_ = open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  }
  ~Pipe() {
    StopReading();
    close(writer_);
    std::filesystem::remove(path_);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // The writing end; does not block.
  [[nodiscard]] int writer() const { return writer_; }
  void Fill() const {
    const std::string much(4096, '.');
    while (write(writer_, much.data(), much.size()) > 0) {
    }
  }
  // Its current content.
  [[nodiscard]] std::string Drain() const {
    std::string text;
    char buffer[4096];
    for (ssize_t count = 0; (count = read(reader_, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<size_t>(count));
    }
    return text;
  }
  // Reads until `mark` has come.
  [[nodiscard]] std::string ReadTo(const std::string& mark) const {
    std::string text;
    size_t from = 0;  // Searching all of it anew would be slower than the service writes.
    pollfd wait{reader_, POLLIN, 0};
    while (text.find(mark, from) == std::string::npos &&
           poll(&wait, 1, static_cast<int>(kPatience.count()) * 1000) == 1) {
      from = text.size() - std::min(text.size(), mark.size());
      text += Drain();
    }
    return text;
  }
  void StopReading() {
    if (reader_ >= 0) close(reader_);
    reader_ = -1;
  }

 private:
  static std::string Name() { return "fingerpost-log-" + std::to_string(getpid()); }

  const std::filesystem::path path_;
  int reader_ = -1;
  int writer_ = -1;
};

// Makes failing calls, each of which has a line.
void Call(const Daemon& daemon, int times) {
  const auto channel = daemon.Channel();
  for (int i = 0; i < times; ++i) {
    RawCall call(channel, "/fingerpost.v1.RedirectService/Decide", "");
    ASSERT_EQ(call.Finish().error_code(), grpc::INVALID_ARGUMENT);
  }
}

// fingerpost_log_lines_lost_total.
int LostOf(const Daemon& daemon) {
  int lost = -1;
  RE2::PartialMatch(Get(daemon.admin_address(), "/metrics").body,
                    R"((?m)^fingerpost_log_lines_lost_total (\d+)$)", &lost);
  return lost;
}

TEST(Log, ThatIsFullHoldsNoCallAndNoEnd) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const Pipe pipe;
    pipe.Fill();
    Daemon daemon({"--log-level", "debug"}, {}, pipe.path());
    Call(daemon, 100);
    daemon.Signal(SIGHUP);  // One more line.
    Call(daemon, 100);
    daemon.Signal(signal);
    EXPECT_EQ(daemon.Wait().code, 0);
  }
}

TEST(Log, ThatIsFullDoesNotHoldTheSecondSignalNorAFailedStart) {
  const Pipe pipe;
  pipe.Fill();
  Daemon daemon({"--listen", "0.0.0.0:0", "--insecure", "--drain-delay", "5m"}, {}, pipe.path());
  RawCall watch(daemon.Channel(), "/grpc.health.v1.Health/Watch", HealthRequest(""));
  EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kServing);
  daemon.Signal(SIGINT);
  EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kNotServing);
  daemon.Signal(SIGINT);
  EXPECT_EQ(daemon.Wait().code, 6);
  EXPECT_THROW(Daemon({"--policy", "/nonexistent"}, {}, pipe.path()), std::runtime_error);
}

TEST(Log, WhoseReaderIsGoneEndsNothing) {
  Pipe pipe;
  Daemon daemon({"--admin-listen", "127.0.0.1:0"}, {}, pipe.path());
  Call(daemon, 1);
  EXPECT_THAT(pipe.ReadTo("\n"), HasSubstr(R"("msg":"call")"));
  pipe.StopReading();
  Call(daemon, 10);
  while (LostOf(daemon) != 10) std::this_thread::yield();
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.Wait().code, 0);
}

// Nothing else gets its descriptor's number.
TEST(Log, ThatIsClosedIsNoneAtAll) {
  Daemon daemon({"--admin-listen", "127.0.0.1:0"}, {}, "-");
  Call(daemon, 10);
  EXPECT_EQ(std::filesystem::read_symlink("/proc/" + std::to_string(daemon.pid()) + "/fd/2"),
            "/dev/null");
  EXPECT_EQ(LostOf(daemon), 0);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.Wait().code, 0);
}

TEST(Log, SaysWhatWasLostWhenItIsReadAgain) {
  const Pipe pipe;
  Daemon daemon({"--admin-listen", "127.0.0.1:0"}, {}, pipe.path());
  EXPECT_EQ(LostOf(daemon), 0);
  while (LostOf(daemon) == 0) Call(daemon, 100);
  const std::string text = pipe.ReadTo("are lost here: nobody read them in time\n");
  EXPECT_THAT(text, HasSubstr(" lines are lost here"));
  // All that waits is read first: at its end the service waits for its reader only briefly.
  RawCall last(daemon.Channel(), "/fingerpost.v1.RedirectService/Follow", "");
  EXPECT_EQ(last.Finish().error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_THAT(pipe.ReadTo(R"("rpc":"Follow")"), HasSubstr(R"("rpc":"Follow")"));
  daemon.Signal(SIGTERM);
  EXPECT_THAT(pipe.ReadTo("stopped\n"), EndsWith("stopped\n"));
  EXPECT_EQ(daemon.Wait().code, 0);
}

TEST(LineWriter, WritesInOrder) {
  const Pipe pipe;
  LineWriter lines(pipe.writer(), LossLine);
  for (int i = 0; i < 100; ++i) lines.Write(std::to_string(i) + "\n");
  EXPECT_TRUE(lines.Flush(kPatience));
  EXPECT_THAT(pipe.Drain(), AllOf(StartsWith("0\n1\n2\n"), EndsWith("\n98\n99\n")));
  EXPECT_EQ(lines.lost(), 0U);
}

// The oldest are dropped, and a line in their place says how many.
TEST(LineWriter, KeepsTheLatestWholeLines) {
  const Pipe pipe;
  pipe.Fill();
  LineWriter lines(pipe.writer(), LossLine);
  constexpr size_t kLine = 1000;
  constexpr size_t kLines = 3 * LineWriter::kMostWaiting / kLine;
  for (size_t i = 0; i < kLines; ++i) {
    std::string line = std::to_string(i);
    line.resize(kLine - 1, 'x');
    lines.Write(line + "\n");
  }
  EXPECT_FALSE(lines.Flush(1ms));
  const uint64_t lost = lines.lost();
  EXPECT_GE(lost, kLines - LineWriter::kMostWaiting / kLine - 10);
  std::string text;
  while (!lines.Flush(1ms)) text += pipe.Drain();
  text += pipe.Drain();
  text.erase(0, text.find_first_not_of('.'));  // the filling
  std::istringstream in(text);
  size_t found = 0;
  size_t missing = 0;
  for (std::string line; std::getline(in, line);) {
    size_t count = 0;
    if (RE2::FullMatch(line, R"(lost (\d+))", &count)) {
      missing += count;
      continue;
    }
    EXPECT_EQ(line.size(), kLine - 1);
    size_t number = 0;
    EXPECT_TRUE(RE2::FullMatch(line, R"((\d+)x*)", &number)) << line;
    EXPECT_EQ(number, found + missing);
    ++found;
  }
  EXPECT_EQ(missing, lost);
  EXPECT_EQ(found, kLines - lost);
}

}  // namespace
}  // namespace fingerpost::testing

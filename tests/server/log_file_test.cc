// The access log in a file: whatever a log rotation or a full disk does to it, lines are whole and
// none is lost without being counted.
#include "server/log_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/daemon.h"
#include "server/failure.h"
#include "server/http_client.h"
#include "server/line_writer.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr char kFlag[] = "--access-log-file";

std::string LossLine(uint64_t lost) { return "lost " + std::to_string(lost) + "\n"; }

std::string ReadFile(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class InDirectory : public ::testing::Test {
 protected:
  InDirectory() {
    std::string name = (fs::temp_directory_path() / "fingerpost-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    directory_ = name;
    path_ = directory_ / "access.jsonl";
  }
  ~InDirectory() override {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }

  fs::path directory_, path_;
};

class LogFileTest : public InDirectory {
 protected:
  void Write(const std::string& line) {
    if (lines_ == nullptr) {
      lines_ = std::make_unique<LineWriter>(std::make_unique<LogFile>(kFlag, path_), LossLine);
    }
    lines_->Write(line + "\n");
  }
  void WriteNow(const std::string& line) {
    Write(line);
    ASSERT_TRUE(lines_->Flush(kPatience));
  }

  std::unique_ptr<LineWriter> lines_;
};

TEST_F(LogFileTest, AddsToWhatIsThere) {
  std::ofstream(path_) << "old\n";
  WriteNow("1");
  WriteNow("2");
  EXPECT_EQ(ReadFile(path_), "old\n1\n2\n");
}

TEST_F(LogFileTest, IsNotForEverybody) {
  const mode_t mask = umask(0);
  WriteNow("1");
  umask(mask);
  EXPECT_EQ(fs::status(path_).permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
}

TEST_F(LogFileTest, ThatIsRenamedOrRemovedIsMadeAnew) {
  WriteNow("1");
  fs::rename(path_, directory_ / "access.1");
  WriteNow("2");
  EXPECT_EQ(ReadFile(directory_ / "access.1"), "1\n");
  EXPECT_EQ(ReadFile(path_), "2\n");
  fs::remove(path_);
  WriteNow("3");
  EXPECT_EQ(ReadFile(path_), "3\n");
  // The rotation makes the new file.
  fs::rename(path_, directory_ / "access.2");
  std::ofstream(path_) << "";
  WriteNow("4");
  EXPECT_EQ(ReadFile(path_), "4\n");
  EXPECT_EQ(lines_->errors(), 0U);
}

// copytruncate.
TEST_F(LogFileTest, ThatIsTruncatedGoesOnAtItsBeginning) {
  WriteNow("1");
  fs::resize_file(path_, 0);
  WriteNow("2");
  EXPECT_EQ(ReadFile(path_), "2\n");
}

TEST_F(LogFileTest, GoesOnWhereItIsWhenItsPathIsLost) {
  const fs::path home = directory_ / "home";
  fs::create_directory(home);
  path_ = home / "access.jsonl";
  WriteNow("1");
  fs::rename(home, directory_ / "moved");
  WriteNow("2");
  EXPECT_EQ(ReadFile(directory_ / "moved/access.jsonl"), "1\n2\n");
  EXPECT_EQ(lines_->errors(), 1U);
  EXPECT_EQ(lines_->lost(), 0U);
  fs::create_directory(home);
  WriteNow("3");
  EXPECT_EQ(ReadFile(path_), "3\n");
}

TEST_F(LogFileTest, ThatCannotBeOpenedFailsTheStart) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  for (const fs::path& path : {directory_, path_, directory_ / "none/access.jsonl"}) {
    try {
      const LogFile file(kFlag, path);
      ADD_FAILURE() << path;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::kFile);
      EXPECT_THAT(failure.what(), AllOf(HasSubstr(kFlag), HasSubstr(path.string())));
    }
  }
}

// A limit for files stands for a full disk.
class FullDisk : public LogFileTest {
 protected:
  FullDisk() {
    (void)signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &free_);
  }
  ~FullDisk() override { Free(); }

  static void Fill(rlim_t octets) {
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = octets;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  void Free() { setrlimit(RLIMIT_FSIZE, &free_); }
  void WaitForAnError() const {
    while (lines_->errors() == 0) std::this_thread::yield();
  }

  rlimit free_{};
};

TEST_F(FullDisk, MakesLinesWaitAndTearsNone) {
  WriteNow("first");
  Fill(10);
  Write("second");
  WaitForAnError();
  Write("third");
  EXPECT_EQ(ReadFile(path_), "first\nseco");
  Free();
  EXPECT_TRUE(lines_->Flush(kPatience));
  EXPECT_EQ(ReadFile(path_), "first\nsecond\nthird\n");
  EXPECT_EQ(lines_->lost(), 0U);
}

TEST_F(FullDisk, TearsNoLineBetweenTwoFiles) {
  WriteNow("first");
  Fill(10);
  Write("second");
  WaitForAnError();
  fs::rename(path_, directory_ / "access.1");
  Free();
  EXPECT_TRUE(lines_->Flush(kPatience));
  EXPECT_EQ(ReadFile(directory_ / "access.1"), "first\nseco");
  EXPECT_EQ(ReadFile(path_), "second\n");
}

TEST_F(FullDisk, TearsNoLineByATruncation) {
  WriteNow("first");
  Fill(10);
  Write("second");
  WaitForAnError();
  fs::resize_file(path_, 0);
  EXPECT_TRUE(lines_->Flush(kPatience));
  EXPECT_EQ(ReadFile(path_), "second\n");
}

// Beyond what waits, the oldest are lost, and a line says how many.
TEST_F(FullDisk, LosesTheOldestLinesAndSaysSo) {
  WriteNow("first");
  Fill(6);
  Write("second");
  WaitForAnError();
  constexpr size_t kLine = size_t{64} << 10;
  for (size_t i = 0; i < LineWriter::kMostWaiting / kLine + 2; ++i) Write(std::string(kLine, 'x'));
  Free();
  EXPECT_TRUE(lines_->Flush(kPatience));
  const uint64_t lost = lines_->lost();
  EXPECT_GT(lost, 0U);
  EXPECT_THAT(ReadFile(path_), HasSubstr("first\nsecond\n" + LossLine(lost) + "x"));
}

// Makes a failing call, which has a line.
void Call(const Daemon& daemon, const std::string& method) {
  RawCall call(daemon.Channel(), "/fingerpost.v1.RedirectService/" + method, "");
  ASSERT_EQ(call.Finish().error_code(), grpc::INVALID_ARGUMENT);
}

// fingerpost_access_log_METRIC_total.
int CountOf(const Daemon& daemon, const std::string& metric) {
  int count = -1;
  RE2::PartialMatch(Get(daemon.admin_address(), "/metrics").body,
                    "(?m)^fingerpost_access_log_" + metric + R"(_total (\d+)$)", &count);
  return count;
}

class AccessLogFile : public InDirectory {
 protected:
  // Waits for the file to have it.
  [[nodiscard]] std::string ReadTo(const std::string& mark) const {
    std::string text;
    while (text.find(mark) == std::string::npos) text = ReadFile(path_);
    return text;
  }
};

TEST_F(AccessLogFile, GetsTheLinesInPlaceOfStandardError) {
  Daemon daemon({"--access-log-file", path_, "--admin-listen", "127.0.0.1:0"});
  Call(daemon, "Decide");
  EXPECT_THAT(ReadTo("\n"), HasSubstr(R"("msg":"call","rpc":"Decide")"));
  fs::rename(path_, directory_ / "access.1");
  Call(daemon, "Follow");
  EXPECT_THAT(ReadTo("\n"), AllOf(HasSubstr(R"("rpc":"Follow")"), Not(HasSubstr("Decide"))));
  EXPECT_EQ(CountOf(daemon, "lines_lost"), 0);
  EXPECT_EQ(CountOf(daemon, "errors"), 0);
  daemon.Signal(SIGTERM);
  const Output output = daemon.Wait();
  EXPECT_EQ(output.code, 0);
  EXPECT_THAT(output.err, Not(HasSubstr(R"("rpc")")));
}

// W3C Trace Context has one parent.
TEST_F(AccessLogFile, NamesTheTraceOfACallWithOneParent) {
  const Daemon daemon({"--access-log-file", path_});
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  for (const int parents : {2, 1}) {
    grpc::ClientContext context;
    for (int i = 0; i < parents; ++i) {
      context.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    }
    v1::DecideResponse answer;
    ASSERT_EQ(stub->Decide(&context, {}, &answer).error_code(), grpc::INVALID_ARGUMENT);
  }
  const std::string text = ReadTo("trace_id");
  EXPECT_THAT(text.substr(0, text.find('\n')),
              AllOf(HasSubstr(R"("rpc":"Decide")"), Not(HasSubstr("trace_id"))));
}

TEST(AccessLogOnAFullDisk, HoldsNoCallAndNoEnd) {
  Daemon daemon({"--access-log-file", "/dev/full", "--admin-listen", "127.0.0.1:0"});
  for (int i = 0; i < 100; ++i) Call(daemon, "Decide");
  while (CountOf(daemon, "errors") == 0) std::this_thread::yield();
  EXPECT_EQ(CountOf(daemon, "lines_lost"), 0) << "they wait";
  daemon.Signal(SIGTERM);
  const Output output = daemon.Wait();
  EXPECT_EQ(output.code, 0);
  EXPECT_THAT(output.err, HasSubstr("--access-log-file: cannot write /dev/full: No space left"));
}

TEST_F(AccessLogFile, ThatCannotBeOpenedFailsTheStart) {
  const Output output =
      RunDaemon({"--listen", "127.0.0.1:0", "--access-log-file", directory_ / "none/file"});
  EXPECT_EQ(output.code, 3);
  EXPECT_THAT(output.err, HasSubstr("--access-log-file: cannot write "));
}

}  // namespace
}  // namespace fingerpost::testing

#include "server/log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "server/failure.h"

namespace fingerpost {
namespace {

constexpr std::chrono::seconds kBetweenTries{1};
constexpr std::chrono::minutes kBetweenLines{1};

std::string Text(int error) { return std::generic_category().message(error); }

// Where the line begins that has the octet at `place`.
size_t BeginOfLine(std::string_view lines, size_t place) {
  const size_t end = place == 0 ? std::string_view::npos : lines.rfind('\n', place - 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

// Appends `text` up to the first error: adds to `done`, and returns the error; 0: none.
int Append(int fd, std::string_view text, size_t& done) {
  while (done < text.size()) {
    const ssize_t count = write(fd, text.data() + done, text.size() - done);
    if (count >= 0) {
      done += static_cast<size_t>(count);
    } else if (errno == EAGAIN) {  // A pipe that is full.
      pollfd writable{fd, POLLOUT, 0};
      (void)poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

LogFile::LogFile(std::string_view flag, std::string path)
    : flag_(flag), path_(std::move(path)), fd_(Open()) {
  if (fd_ < 0) {
    throw Failure(ExitCode::kFile,
                  fmt::format("{}: cannot write {}: {}", flag_, path_, Text(errno)));
  }
}

LogFile::~LogFile() { close(fd_); }

// Without O_NONBLOCK a named pipe without a reader would hold the start.
int LogFile::Open() const {
  constexpr mode_t kMode = 0640;
  return open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
              kMode);
}

LogFile::Path LogFile::Follow() {
  struct stat named {};
  struct stat opened {};
  if (fstat(fd_, &opened) == 0 && stat(path_.c_str(), &named) == 0 &&
      named.st_dev == opened.st_dev && named.st_ino == opened.st_ino) {
    return Path::kSame;
  }
  const int fd = Open();
  if (fd < 0) {
    Fail(errno);
    return Path::kLost;
  }
  close(std::exchange(fd_, fd));
  return Path::kNew;
}

bool LogFile::WasTruncated() const {
  struct stat now {};
  return fstat(fd_, &now) == 0 && now.st_size < size_;
}

bool LogFile::Write(std::string_view lines) {
  size_t done = 0;
  Path path = Follow();
  while (const int error = Append(fd_, lines, done)) {
    struct stat now {};
    size_ = fstat(fd_, &now) == 0 ? now.st_size : 0;
    Fail(error);
    std::this_thread::sleep_for(kBetweenTries);
    // The beginning of a line is not where its end goes.
    path = Follow();
    if (path == Path::kNew || WasTruncated()) done = BeginOfLine(lines, done);
  }
  if (path != Path::kLost) Succeed();
  return true;
}

void LogFile::Fail(int error) {
  CountError();
  const Moment now = std::chrono::steady_clock::now();
  if (failing_ && now < told_ + kBetweenLines) return;
  failing_ = true;
  told_ = now;
  spdlog::warn("{}: cannot write {}: {}", flag_, path_, Text(error));
}

void LogFile::Succeed() {
  if (!failing_) return;
  failing_ = false;
  spdlog::info("{}: {} is written again", flag_, path_);
}

}  // namespace fingerpost

#include "lines.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace fingerpost::cli {
namespace {

constexpr size_t kReadBytes = size_t{64} << 10;

}  // namespace

const std::vector<LineReader::Line>& LineReader::Next(size_t most) {
  lines_.clear();
  Take(most);
  while (lines_.empty() && !ended_) {
    Fill();
    Take(most);
  }
  return lines_;
}

// Moves complete lines from the buffer to lines_.
void LineReader::Take(size_t most) {
  while (lines_.size() < most) {
    const size_t end = buffer_.find('\n', scanned_);
    if (end == std::string::npos) {
      scanned_ = buffer_.size();
      // The last line may lack its line break.
      if (!ended_ || start_ == buffer_.size()) return;
    }
    const size_t stop = end == std::string::npos ? buffer_.size() : end;
    const std::string_view text(buffer_.data() + start_, stop - start_);
    lines_.push_back(discarding_ ? Line{{}, true} : Line{text});
    discarding_ = false;
    start_ = scanned_ = end == std::string::npos ? stop : stop + 1;
  }
}

// Reads once.
void LineReader::Fill() {
  buffer_.erase(0, start_);
  scanned_ -= start_;
  start_ = 0;
  if (discarding_ || buffer_.size() > kMaxLine) {
    discarding_ = true;
    // One byte stays, so that a line that ends the file without a line break is not lost.
    buffer_.resize(1);
    scanned_ = 1;
  }
  const size_t size = buffer_.size();
  buffer_.resize(size + kReadBytes);
  ssize_t got = 0;
  do {
    got = read(file_, buffer_.data() + size, kReadBytes);
  } while (got < 0 && errno == EINTR);
  if (got < 0) failed_ = errno;
  if (got <= 0) ended_ = true;
  buffer_.resize(size + (got > 0 ? static_cast<size_t>(got) : 0));
}

InputFile::InputFile(const std::string& path)
    : path_(path),
      file_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)),
      lines_(file_, file_ < 0 ? errno : 0) {}

InputFile::~InputFile() {
  if (file_ > STDIN_FILENO) close(file_);
}

std::string InputFile::Problem() const {
  return absl::StrCat("cannot read ", path_ == "-" ? "standard input" : path_, ": ",
                      std::strerror(lines_.failed()));
}

}  // namespace fingerpost::cli

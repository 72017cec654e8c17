#include "progress.h"

#include <absl/strings/str_cat.h>
#include <unistd.h>

#include <system_error>

#include "output.h"

namespace fingerpost::cli {
namespace {

// Progress that cannot be written is no reason to stop the work.
void Write(int out, std::string_view text) {
  [[maybe_unused]] const ssize_t written = write(out, text.data(), text.size());
}

}  // namespace

Progress::Progress(std::string_view what)
    : Progress(what, isatty(STDERR_FILENO) != 0 ? STDERR_FILENO : -1, std::chrono::seconds(1)) {}

Progress::Progress(std::string_view what, int out, std::chrono::milliseconds period)
    : what_(Harmless(what)), out_(out), period_(period) {
  if (out_ < 0) return;
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {
    // No thread for it: the work goes on in silence.
  }
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  over_.notify_one();
  thread_.join();
}

void Progress::Run() {
  using std::chrono::duration_cast, std::chrono::seconds, std::chrono::steady_clock;
  const auto start = steady_clock::now();
  bool has_line = false;
  std::unique_lock lock(mutex_);
  while (!over_.wait_for(lock, period_, [this] { return is_over_; })) {
    const auto passed = duration_cast<seconds>(steady_clock::now() - start).count();
    Write(out_, absl::StrCat("\r", what_, ": ", passed, " s"));
    has_line = true;
  }
  if (has_line) Write(out_, "\r\033[K");
}

}  // namespace fingerpost::cli

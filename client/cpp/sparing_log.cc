#include "sparing_log.h"

#include <algorithm>
#include <iostream>
#include <utility>

namespace fingerpost {
namespace {

void WriteToStandardError(const std::string& line) { std::cerr << line + "\n"; }

// Keeps a log line on one line.
std::string OneLine(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }, '?');
  return text;
}

// A log that fails fails no question, and does not end the thread that watches the policy.
SparingLog::Write Careful(SparingLog::Write write) {
  return [write = std::move(write)](const std::string& line) {
    try {
      write(line);
    } catch (...) {
    }
  };
}

}  // namespace

SparingLog::SparingLog(Write write, std::function<Time()> clock)
    : write_(Careful(write ? std::move(write) : WriteToStandardError)), clock_(std::move(clock)) {}

void SparingLog::Tell(const std::string& message) const {
  write_("fingerpost: " + OneLine(message));
}

void SparingLog::Warn(const std::string& message) {
  std::string line;
  {
    const std::lock_guard lock(mutex_);
    const Time now = clock_();
    if (now < quiet_until_) {
      ++kept_;
      return;
    }
    line = "fingerpost: " + OneLine(message);
    if (kept_ > 0) line += " (and " + std::to_string(kept_) + " more like it)";
    kept_ = 0;
    quiet_until_ = now + kQuiet;
  }
  write_(line);
}

}  // namespace fingerpost

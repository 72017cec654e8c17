// One line, and then none for a while, so that an outage does not flood the log. The next line
// counts those left out.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

namespace fingerpost {

class SparingLog {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Write = std::function<void(const std::string& line)>;

  static constexpr std::chrono::seconds kQuiet{10};

  // Without `write`: to standard error.
  explicit SparingLog(Write write, std::function<Time()> clock = std::chrono::steady_clock::now);

  void Warn(const std::string& message);
  // Each of these is a line.
  void Tell(const std::string& message) const;

 private:
  const Write write_;
  const std::function<Time()> clock_;
  std::mutex mutex_;
  int kept_ = 0;
  Time quiet_until_ = Time::min();
};

}  // namespace fingerpost

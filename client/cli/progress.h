// Says on a terminal that work goes on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace fingerpost::cli {

// From construction to destruction: "reading shop.yaml: 3 s" on standard error, once that takes
// longer than a second and if it is a terminal. The line is removed at the end.
class Progress {
 public:
  explicit Progress(std::string_view what);
  // On the file descriptor `out`, every `period`.
  Progress(std::string_view what, int out, std::chrono::milliseconds period);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void Run();

  const std::string what_;
  const int out_;
  const std::chrono::milliseconds period_;
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace fingerpost::cli

// Lines for a descriptor whose reader may be slow, gone, or never read: whoever writes one does not
// wait, and the process ends without its reader.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace fingerpost {

class LineWriter {
 public:
  // Octets that wait to be written; past them the oldest lines are lost.
  static constexpr size_t kMostWaiting = size_t{4} << 20;

  // The line that stands where `lost` lines are missing.
  using LossLine = std::function<std::string(uint64_t lost)>;

  LineWriter(int fd, LossLine loss_line);
  // Lines that `fd` does not take now are lost; the thread that waits for it goes with the process.
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // `line` has its line end. A pipe gets lines of up to PIPE_BUF octets whole or not at all.
  void Write(std::string line);
  // Waits until all is written. False: it took longer.
  bool Flush(std::chrono::milliseconds longest);
  // Lines that were never written, so far.
  [[nodiscard]] uint64_t lost() const;

 private:
  struct Queue;
  static void Run(Queue& queue);

  const std::shared_ptr<Queue> queue_;
  std::thread thread_;
};

}  // namespace fingerpost

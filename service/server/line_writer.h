// Writes lines to a descriptor whose reader may be slow, gone or absent. Writers do not wait, and
// the process can end without the reader.
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
  // Most octets that wait to be written; beyond them the oldest lines are lost.
  static constexpr size_t kMostWaiting = size_t{4} << 20;

  // Makes the line that takes the place of `lost` lines.
  using LossLine = std::function<std::string(uint64_t lost)>;

  LineWriter(int fd, LossLine loss_line);
  // Loses lines that `fd` does not take now; the thread that waits for it ends with the process.
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // `line` includes its line end. A pipe gets a line of up to PIPE_BUF octets whole or not at all.
  void Write(std::string line);
  // Waits until all is written. False: it took longer.
  bool Flush(std::chrono::milliseconds longest);
  // Lines lost so far.
  [[nodiscard]] uint64_t lost() const;

 private:
  struct Queue;
  static void Run(Queue& queue);

  const std::shared_ptr<Queue> queue_;
  std::thread thread_;
};

}  // namespace fingerpost

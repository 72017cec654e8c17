// Writes lines to a descriptor or file whose reader or disk may be slow, gone or full. Writers do
// not wait, and the process can end without the reader.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace fingerpost {

// Where lines go.
class LineTarget {
 public:
  virtual ~LineTarget() = default;
  // Writes whole lines, however long it takes. False: they are lost.
  virtual bool Write(std::string_view lines) = 0;
  // Failed tries so far.
  [[nodiscard]] uint64_t errors() const { return errors_; }

 protected:
  void CountError() { ++errors_; }

 private:
  std::atomic<uint64_t> errors_{0};
};

class LineWriter {
 public:
  // Most octets that wait to be written; beyond them the oldest lines are lost.
  static constexpr size_t kMostWaiting = size_t{4} << 20;

  // Makes the line that takes the place of `lost` lines.
  using LossLine = std::function<std::string(uint64_t lost)>;

  LineWriter(int fd, LossLine loss_line);
  LineWriter(std::unique_ptr<LineTarget> target, LossLine loss_line);
  // Loses lines that are not taken now; the thread that waits for it ends with the process.
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // `line` includes its line end. A pipe gets a line of up to PIPE_BUF octets whole or not at all.
  void Write(std::string line);
  // Waits until all is written. False: it took longer.
  bool Flush(std::chrono::milliseconds longest);
  // Lines lost so far.
  [[nodiscard]] uint64_t lost() const;
  // The target's failed tries so far.
  [[nodiscard]] uint64_t errors() const;

 private:
  struct Queue;
  static void Run(Queue& queue);

  const std::shared_ptr<Queue> queue_;
  std::thread thread_;
};

}  // namespace fingerpost

#include "server/line_writer.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string_view>
#include <utility>

namespace fingerpost {
namespace {

class Descriptor final : public LineTarget {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}

  bool Write(std::string_view text) override {
    while (!text.empty()) {
      const ssize_t count = write(fd_, text.data(), text.size());
      if (count >= 0) {
        text.remove_prefix(static_cast<size_t>(count));
      } else if (errno == EAGAIN) {  // Another process has made it non-blocking.
        pollfd writable{fd_, POLLOUT, 0};
        (void)poll(&writable, 1, -1);
      } else if (errno != EINTR) {
        CountError();
        return false;
      }
    }
    return true;
  }

 private:
  const int fd_;
};

}  // namespace

struct LineWriter::Queue {
  Queue(std::unique_ptr<LineTarget> target, LossLine loss_line)
      : target(std::move(target)), loss_line(std::move(loss_line)) {}

  // Whole lines, as many as a pipe takes in one piece, but at least one.
  struct Batch {
    std::string text;
    uint64_t lines = 0;
    uint64_t lost_before = 0;  // of all lost lines
  };

  // Waits for lines. False: no more will come.
  bool Take(Batch& batch) {
    std::unique_lock lock(mutex);
    writing = false;
    if (waiting.empty()) all_written.notify_all();
    more.wait(lock, [this] { return !waiting.empty() || closing; });
    if (waiting.empty()) return false;
    writing = true;
    batch = {.text = {}, .lines = 0, .lost_before = lost};
    do {
      batch.text += waiting.front();
      ++batch.lines;
      Pop();
    } while (!waiting.empty() && batch.text.size() + waiting.front().size() <= PIPE_BUF);
    return true;
  }

  void Pop() {
    octets -= waiting.front().size();
    waiting.pop_front();
  }

  const std::unique_ptr<LineTarget> target;
  const LossLine loss_line;
  std::mutex mutex;
  std::condition_variable more;
  std::condition_variable all_written;
  std::deque<std::string> waiting;
  size_t octets = 0;  // of those
  bool writing = false;
  bool closing = false;
  std::atomic<uint64_t> lost{0};
};

LineWriter::LineWriter(int fd, LossLine loss_line)
    : LineWriter(std::make_unique<Descriptor>(fd), std::move(loss_line)) {}

LineWriter::LineWriter(std::unique_ptr<LineTarget> target, LossLine loss_line)
    : queue_(std::make_shared<Queue>(std::move(target), std::move(loss_line))),
      thread_([queue = queue_] { Run(*queue); }) {}

LineWriter::~LineWriter() {
  bool stuck = false;
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->closing = true;
    stuck = queue_->writing || !queue_->waiting.empty();
  }
  queue_->more.notify_one();
  if (stuck) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

void LineWriter::Write(std::string line) {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->octets += line.size();
    queue_->waiting.push_back(std::move(line));
    while (queue_->octets > kMostWaiting && queue_->waiting.size() > 1) {
      queue_->Pop();
      ++queue_->lost;
    }
  }
  queue_->more.notify_one();
}

bool LineWriter::Flush(std::chrono::milliseconds longest) {
  std::unique_lock lock(queue_->mutex);
  return queue_->all_written.wait_for(
      lock, longest, [this] { return queue_->waiting.empty() && !queue_->writing; });
}

uint64_t LineWriter::lost() const { return queue_->lost; }

uint64_t LineWriter::errors() const { return queue_->target->errors(); }

void LineWriter::Run(Queue& queue) {
  Queue::Batch batch;
  uint64_t told = 0;
  while (queue.Take(batch)) {
    if (batch.lost_before > told &&
        queue.target->Write(queue.loss_line(batch.lost_before - told))) {
      told = batch.lost_before;
    }
    if (!queue.target->Write(batch.text)) queue.lost += batch.lines;
  }
}

}  // namespace fingerpost

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

// Writes all of `text`, however long it takes. False: an error.
bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(fd, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN) {  // Another process has made it non-blocking.
      pollfd writable{fd, POLLOUT, 0};
      (void)poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

struct LineWriter::Queue {
  Queue(int fd, LossLine loss_line) : fd(fd), loss_line(std::move(loss_line)) {}

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

  const int fd;
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
    : queue_(std::make_shared<Queue>(fd, std::move(loss_line))),
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

void LineWriter::Run(Queue& queue) {
  Queue::Batch batch;
  uint64_t told = 0;
  while (queue.Take(batch)) {
    if (batch.lost_before > told && WriteAll(queue.fd, queue.loss_line(batch.lost_before - told))) {
      told = batch.lost_before;
    }
    if (!WriteAll(queue.fd, batch.text)) queue.lost += batch.lines;
  }
}

}  // namespace fingerpost

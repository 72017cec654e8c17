#include "server/slow_requests.h"

#include <utility>
#include <vector>

#include "server/sockets.h"

namespace fingerpost {

using Clock = std::chrono::steady_clock;

SlowRequests::SlowRequests(const std::atomic<int>& port, std::chrono::milliseconds patience)
    : port_(port), patience_(patience), thread_([this] { Run(); }) {}

SlowRequests::~SlowRequests() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

SlowRequests::Reading::Reading(SlowRequests& all, std::string peer) : all_(all) {
  const std::lock_guard lock(all_.mutex_);
  entry_ =
      all_.waiting_.insert(all_.waiting_.end(), {std::move(peer), Clock::now() + all_.patience_});
  // Otherwise the thread wakes in time by itself: what it waits for ends no later.
  if (all_.idle_) all_.changed_.notify_all();
  all_.idle_ = false;
}

SlowRequests::Reading::~Reading() {
  const std::lock_guard lock(all_.mutex_);
  (entry_->is_over ? all_.over_ : all_.waiting_).erase(entry_);
}

void SlowRequests::Run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (waiting_.empty()) {
      idle_ = true;
      changed_.wait(lock);
      continue;
    }
    // A copy: wait_until() looks at it again, when the entry may be gone.
    const Clock::time_point end = waiting_.front().end;
    changed_.wait_until(lock, end);
    std::vector<std::string> peers;
    while (!waiting_.empty() && waiting_.front().end <= Clock::now()) {
      waiting_.front().is_over = true;
      peers.push_back(waiting_.front().peer);
      over_.splice(over_.end(), waiting_, waiting_.begin());
    }
    if (peers.empty()) continue;
    lock.unlock();
    for (const std::string& peer : peers) {
      ForEachSocket(port_, [&](int fd) {
        if (PeerOf(fd) == peer) StopReading(fd);
      });
    }
    lock.lock();
  }
}

}  // namespace fingerpost

// Long work in pieces, between which the worker serves its queue. For one worker's thread; nothing
// here allocates.
#pragma once

#include <array>
#include <cstddef>

namespace fingerpost {

class Work {
 public:
  // Does a piece, and queues itself again if it is not done.
  virtual void Continue() = 0;

 protected:
  Work() = default;
  ~Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

 private:
  friend class WorkQueue;
  Work* next_ = nullptr;
};

// First come, first served, so that little work is half done. The two lanes alternate, so that long
// work delays short work by one piece at a time.
class WorkQueue {
 public:
  enum Lane { kShort, kLong };

  [[nodiscard]] bool empty() const {
    return lanes_[kShort].first == nullptr && lanes_[kLong].first == nullptr;
  }
  void Add(Work& work, Lane lane_number) {
    Queue& lane = lanes_[lane_number];
    work.next_ = nullptr;
    (lane.first == nullptr ? lane.first : lane.last->next_) = &work;
    lane.last = &work;
  }
  // Puts it before all others.
  void PutBack(Work& work, Lane lane_number) {
    Queue& lane = lanes_[lane_number];
    if (lane.first == nullptr) return Add(work, lane_number);
    work.next_ = lane.first;
    lane.first = &work;
  }
  // Must not be empty.
  void ContinueOne() {
    turn_ = 1 - turn_;
    Queue& lane = lanes_[lanes_[turn_].first == nullptr ? 1 - turn_ : turn_];
    Work* work = lane.first;
    lane.first = work->next_;
    work->Continue();
  }

 private:
  struct Queue {
    Work* first = nullptr;
    Work* last = nullptr;
  };
  std::array<Queue, 2> lanes_;
  size_t turn_ = kShort;
};

}  // namespace fingerpost

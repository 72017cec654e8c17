// Calls that wait for their client, in order of their waiting time: streams for a question, and
// answers for their reader. For one worker's thread; joining and leaving allocate nothing.
#pragma once

#include <chrono>

namespace fingerpost {

// A call that gives up when its client takes too long, or when others need its place.
class Wait {
 public:
  enum class Why { kTooLong, kFull };
  virtual void GiveUp(Why why) = 0;

  // Leaves its list.
  void Over() {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }

 protected:
  Wait() = default;
  ~Wait() { Over(); }
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

 private:
  friend class Waits;
  Wait* next_ = nullptr;
  Wait* previous_ = nullptr;
  std::chrono::steady_clock::time_point since_;
};

class Waits final : private Wait {
 public:
  Waits() { next_ = previous_ = this; }
  ~Waits() {
    while (next_ != this) next_->Over();
    next_ = previous_ = nullptr;
  }

  void Add(Wait& wait, std::chrono::steady_clock::time_point now) {
    wait.Over();
    wait.since_ = now;
    wait.previous_ = previous_;
    wait.next_ = this;
    previous_->next_ = &wait;
    previous_ = &wait;
  }

  // Makes the longest-waiting call give up, if it has waited at least since `since`.
  bool GiveUpFirst(std::chrono::steady_clock::time_point since, Why why) {
    Wait* first = next_;
    if (first == this || first->since_ > since) return false;
    first->Over();
    first->GiveUp(why);
    return true;
  }

 private:
  void GiveUp(Why /*why*/) override {}
};

}  // namespace fingerpost

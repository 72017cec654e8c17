// The message of an answer, used again and again: a fresh one costs a fifth of a decision.
//
// Not one that holds messages in a oneof, as a Forecast does: without memory for the next one
// protobuf would free the last one twice. And a message keeps the memory of all that it has ever
// held, so that after some octets a fresh one is taken all the same.
#pragma once

#include <cstddef>
#include <memory>

#include "fingerpost/v1/decide.pb.h"

namespace fingerpost {

template <typename Answer>
class Scratch {
 public:
  [[nodiscard]] Answer& answer() {
    if (answer_ == nullptr) answer_ = std::make_unique<Answer>();
    return *answer_;
  }

  // Where there is nothing to say against it, it stays. `octets`: its size on the wire.
  void Used(size_t octets) {
    used_ += octets;
    if (!Stays(*answer_) || used_ > kLong) Renew();
  }
  // Whatever its state.
  void Renew() {
    answer_.reset();
    used_ = 0;
  }

 private:
  static constexpr size_t kLong = size_t{1} << 20;

  static bool Stays(const v1::DecideResponse& answer) { return !answer.has_explanation(); }
  template <typename Other>
  static bool Stays(const Other& /*answer*/) {
    return false;
  }

  std::unique_ptr<Answer> answer_;
  size_t used_ = 0;
};

}  // namespace fingerpost

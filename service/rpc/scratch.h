// Reuses the message of an answer: a fresh one costs a fifth of a decision.
//
// A message with messages in a oneof, such as Forecast, is not reused: without memory for the next
// one protobuf would free the last one twice. A message keeps the memory of everything that it ever
// held, so it is replaced after a number of octets.
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

  // Keeps the message if that is safe and small enough. `octets`: its size on the wire.
  void Used(size_t octets) {
    used_ += octets;
    if (!Stays(*answer_) || used_ > kLong) Renew();
  }
  // Replaces it, whatever its state.
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

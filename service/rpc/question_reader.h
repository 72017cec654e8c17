// Reads questions from their octets, one after the other into one message: fresh ones cost a tenth
// of a batch.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace fingerpost {

template <typename Question>
class QuestionReader {
 public:
  // Null if the octets are no question. The message lives until the next call.
  //
  // protobuf marks a member of a oneof as present before it allocates it. Without memory for it,
  // the message's destructor would free a pointer that was never written. Such a message, at most
  // as large as a call's question, is never destroyed.
  [[nodiscard]] Question* Read(std::string_view octets) {
    Forget();
    if (question_ == nullptr) question_ = std::make_unique<Question>();
    used_ += octets.size();
    try {
      is_read_ = question_->ParseFromArray(octets.data(), static_cast<int>(octets.size()));
    } catch (...) {
      (void)question_.release();
      used_ = 0;
      throw;
    }
    return is_read_ ? question_.get() : nullptr;
  }

  // What was read last, unless it is forgotten; else an empty message.
  [[nodiscard]] const Question& last() const {
    return is_read_ ? *question_ : Question::default_instance();
  }

  // A message keeps the memory of everything that it ever held, so it is replaced after a number of
  // octets.
  void Forget() {
    is_read_ = false;
    if (used_ <= kLong) return;
    question_.reset();
    used_ = 0;
  }

 private:
  static constexpr size_t kLong = size_t{64} << 10;

  std::unique_ptr<Question> question_;
  size_t used_ = 0;
  bool is_read_ = false;
};

}  // namespace fingerpost

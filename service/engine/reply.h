// The caller's buffer, and what goes into it.
#pragma once

#include <google/protobuf/message_lite.h>

#include <array>
#include <cstddef>
#include <new>
#include <string_view>

#include "engine/fingerpost.h"
#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::engine {

// Nothing here allocates.
class Reply {
 public:
  Reply(void* octets, size_t capacity, size_t* size)
      : octets_(octets), capacity_(capacity), size_(size) {}

  [[nodiscard]] bool is_usable() const {
    return size_ != nullptr && (octets_ != nullptr || capacity_ == 0);
  }

  // Writes the message if it fits, and returns `status`.
  [[nodiscard]] int Write(fingerpost_status status, const google::protobuf::MessageLite& message);
  [[nodiscard]] int Write(fingerpost_status status, std::string_view octets);
  [[nodiscard]] int WriteNothing();
  // v1::Error without memory to make one.
  [[nodiscard]] int WriteOutOfMemory();
  [[nodiscard]] int WriteInvariantBroken();
  [[nodiscard]] int WriteTooLong();

 private:
  void* octets_;
  size_t capacity_;
  size_t* size_;
};

// Runs `work`, which returns a status. No exception leaves it.
template <typename Work>
[[nodiscard]] int Guarded(Reply& reply, Work work) noexcept {
  if (!reply.is_usable()) return FINGERPOST_MISUSE;
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return reply.WriteOutOfMemory();
  } catch (...) {
    return reply.WriteInvariantBroken();
  }
}

}  // namespace fingerpost::engine

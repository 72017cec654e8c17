// Parses a question from its octets.
#pragma once

#include <memory>
#include <string_view>

namespace fingerpost {

// Null if the octets are no `Message`.
//
// protobuf marks a member of a oneof as present before it allocates it. Without memory for it, the
// message's destructor would free a pointer that was never written. Such a message, at most as
// large as a call's question, is never destroyed.
template <typename Message>
[[nodiscard]] std::unique_ptr<Message> Parsed(std::string_view octets) {
  auto message = std::make_unique<Message>();
  try {
    if (!message->ParseFromArray(octets.data(), static_cast<int>(octets.size()))) message.reset();
  } catch (...) {
    (void)message.release();
    throw;
  }
  return message;
}

}  // namespace fingerpost

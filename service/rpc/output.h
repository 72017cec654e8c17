// The octets of an answer for the wire, reserved before they are allocated.
#pragma once

#include <google/protobuf/message_lite.h>

#include <memory>
#include <vector>

#include "rpc/budget.h"

namespace fingerpost {

class Output {
 public:
  struct Chunk {
    std::unique_ptr<char[]> octets;
    size_t size = 0;
    size_t capacity = 0;
  };

  // `share` must outlive it.
  explicit Output(Share& share) : share_(share) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Appends the whole answer. False: no room for it.
  [[nodiscard]] bool AddWhole(const google::protobuf::MessageLite& message);
  // Like AddWhole(), for one answer of a batch: an element of field 1 whose field `field` is the
  // answer.
  [[nodiscard]] bool AddElement(int field, const google::protobuf::MessageLite& answer);

  [[nodiscard]] size_t size() const { return size_; }
  // Leaves it empty.
  [[nodiscard]] std::vector<Chunk> Take();

 private:
  [[nodiscard]] char* Append(size_t octets, size_t least_capacity);

  Share& share_;
  std::vector<Chunk> chunks_;
  size_t size_ = 0;
};

}  // namespace fingerpost

// The answers to a batch on the wire: BatchDecideResponse or BatchFollowResponse, element by
// element.
#pragma once

#include <google/protobuf/message_lite.h>

#include <string>
#include <string_view>

namespace fingerpost::engine {

class BatchOctets {
 public:
  // False: the whole would be too long for protobuf.
  [[nodiscard]] bool AddResponse(const google::protobuf::MessageLite& response);
  [[nodiscard]] bool AddError(const google::protobuf::MessageLite& error);

  [[nodiscard]] std::string_view octets() const { return octets_; }

 private:
  [[nodiscard]] bool Add(int field, const google::protobuf::MessageLite& answer);

  std::string octets_;
};

}  // namespace fingerpost::engine

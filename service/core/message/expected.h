// The values that a field of a message takes, in words: "a whole number from 0 to 4294967295".
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

namespace fingerpost::message {

// google.protobuf.Timestamp and Duration, which are text in JSON.
[[nodiscard]] bool IsTime(const google::protobuf::Descriptor& type);
// A message that is an object in JSON.
[[nodiscard]] bool IsObject(const google::protobuf::FieldDescriptor& field);

// For a value of the field, or for one element of it.
[[nodiscard]] std::string Expected(const google::protobuf::FieldDescriptor& field);

}  // namespace fingerpost::message

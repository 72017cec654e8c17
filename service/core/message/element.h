// The answers of a batch on the wire, one by one: each is an element of field 1 (results), whose
// field `field` is the message (response or error).
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstddef>
#include <cstdint>

namespace fingerpost::message {

[[nodiscard]] constexpr uint32_t TagOf(int field) {
  using Wire = google::protobuf::internal::WireFormatLite;
  return Wire::MakeTag(field, Wire::WIRETYPE_LENGTH_DELIMITED);
}

// Octets of the element around a message of so many octets, from the message's tag on.
[[nodiscard]] inline size_t InnerSize(size_t message) {
  return 1 + google::protobuf::io::CodedOutputStream::VarintSize64(message) + message;
}
// Of all of it.
[[nodiscard]] inline size_t ElementSize(size_t message) {
  const size_t inner = InnerSize(message);
  return 1 + google::protobuf::io::CodedOutputStream::VarintSize64(inner) + inner;
}

// Writes what precedes the message. Returns where that begins.
[[nodiscard]] inline uint8_t* WriteElementHead(int field, size_t message, uint8_t* out) {
  using google::protobuf::io::CodedOutputStream;
  out = CodedOutputStream::WriteTagToArray(TagOf(1), out);
  out = CodedOutputStream::WriteVarint64ToArray(InnerSize(message), out);
  out = CodedOutputStream::WriteTagToArray(TagOf(field), out);
  return CodedOutputStream::WriteVarint64ToArray(message, out);
}

}  // namespace fingerpost::message

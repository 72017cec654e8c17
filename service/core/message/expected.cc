#include "core/message/expected.h"

#include <absl/strings/str_cat.h>

#include <cstdint>
#include <limits>

namespace fingerpost::message {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string ExpectedTime(const Descriptor& type) {
  return type.well_known_type() == Descriptor::WELLKNOWNTYPE_DURATION
             ? "a duration in seconds such as \"60s\""
             : "an instant such as \"2026-01-31T12:00:00Z\" (RFC 3339)";
}

template <typename Integer>
std::string ExpectedInteger() {
  return "a whole number from " + std::to_string(std::numeric_limits<Integer>::min()) + " to " +
         std::to_string(std::numeric_limits<Integer>::max());
}

std::string ExpectedInteger(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return ExpectedInteger<int32_t>();
    case FieldDescriptor::CPPTYPE_UINT32:
      return ExpectedInteger<uint32_t>();
    case FieldDescriptor::CPPTYPE_INT64:
      return ExpectedInteger<int64_t>();
    default:
      return ExpectedInteger<uint64_t>();
  }
}

// Lists its members if they are few.
std::string ExpectedObject(const Descriptor& type) {
  constexpr int kFew = 6;
  std::string text = "an object";
  if (type.field_count() > kFew) return text;
  for (int i = 0; i < type.field_count(); ++i) {
    absl::StrAppend(&text, i == 0 ? " (" : ", ", type.field(i)->name());
  }
  return text + ")";
}

}  // namespace

bool IsTime(const Descriptor& type) {
  return type.well_known_type() == Descriptor::WELLKNOWNTYPE_TIMESTAMP ||
         type.well_known_type() == Descriptor::WELLKNOWNTYPE_DURATION;
}

bool IsObject(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsTime(*field.message_type());
}

std::string Expected(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsTime(*field.message_type()) ? ExpectedTime(*field.message_type())
                                           : ExpectedObject(*field.message_type());
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? "text in base64" : "text";
    case FieldDescriptor::CPPTYPE_ENUM:
      return "a name";
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "a number";
    default:
      return ExpectedInteger(field);
  }
}

}  // namespace fingerpost::message

// The names of enum values as people write them: "form_result" for PURPOSE_FORM_RESULT.
//
// One helper for JSON, the policy document and the flags of the CLI, over the descriptors: a new
// value needs nothing here.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <optional>
#include <string>
#include <string_view>

namespace fingerpost::message {

// Takes the full name or the name without the enum's prefix, in any case, with '-', '.', '/' or ' '
// for '_' ("HTTP/1.1"). Null when there is no such value.
[[nodiscard]] const google::protobuf::EnumValueDescriptor* FindEnumValue(
    const google::protobuf::EnumDescriptor& type, std::string_view text);

// "form_result".
[[nodiscard]] std::string ShortEnumName(const google::protobuf::EnumValueDescriptor& value);

// What was expected where FindEnumValue found nothing: the nearest name, and every name there is.
[[nodiscard]] std::string ExpectedEnumValue(const google::protobuf::EnumDescriptor& type,
                                            std::string_view text);

// "form_result"; a value that this version does not know by its number.
template <typename Enum>
[[nodiscard]] std::string ShortEnumName(Enum value) {
  const auto* found =
      google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(static_cast<int>(value));
  return found != nullptr ? ShortEnumName(*found) : std::to_string(static_cast<int>(value));
}

}  // namespace fingerpost::message

// Names of enum values as people write them: "form_result" for PURPOSE_FORM_RESULT.
//
// One helper, over the descriptors, for JSON, the policy document and the CLI's flags: a new value
// needs no change here.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <optional>
#include <string>
#include <string_view>

namespace fingerpost::message {

// Takes the full name or the name without the enum's prefix, in any case, with '-', '.', '/' or ' '
// for '_' ("HTTP/1.1"). Null without such a value.
[[nodiscard]] const google::protobuf::EnumValueDescriptor* FindEnumValue(
    const google::protobuf::EnumDescriptor& type, std::string_view text);

// "form_result".
[[nodiscard]] std::string ShortEnumName(const google::protobuf::EnumValueDescriptor& value);

// The expected values, for when FindEnumValue finds nothing: the nearest name, and all names.
[[nodiscard]] std::string ExpectedEnumValue(const google::protobuf::EnumDescriptor& type,
                                            std::string_view text);

// "form_result"; the number of an unknown value.
template <typename Enum>
[[nodiscard]] std::string ShortEnumName(Enum value) {
  const auto* found =
      google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(static_cast<int>(value));
  return found != nullptr ? ShortEnumName(*found) : std::to_string(static_cast<int>(value));
}

}  // namespace fingerpost::message

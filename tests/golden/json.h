// JSON of the corpus, as protobuf's own Value: this needs no second JSON library, and the rows are
// protobuf JSON anyway.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>

#include <string>
#include <string_view>

namespace fingerpost::golden {

using google::protobuf::Value;

// Throws std::runtime_error if `text` is not JSON. Only for tests.
[[nodiscard]] Value ParseJson(const std::string& text);

// Compact, on one line.
[[nodiscard]] std::string ToJson(const Value& value);
// Compact, on one line, snake_case.
[[nodiscard]] std::string ToJson(const google::protobuf::Message& message);

// The member, or nullptr. `object` may be any value.
[[nodiscard]] const Value* Member(const Value& object, const std::string& name);

// The value of an enum by its full name, by its name without prefix in any case ("form_result"), or
// by number; nullptr without one.
[[nodiscard]] const google::protobuf::EnumValueDescriptor* FindEnum(
    const google::protobuf::EnumDescriptor& type, const Value& value);

// The member of a message that JSON calls `name`: snake_case or camelCase.
[[nodiscard]] const google::protobuf::FieldDescriptor* FindMember(
    const google::protobuf::Descriptor& type, const std::string& name);

// Fills `message` from protobuf JSON with short enum names. Returns "" or the fault. It does not
// use core/message, which refuses enum values that do not exist: rows about bad input need them.
[[nodiscard]] std::string FromJson(const Value& json, google::protobuf::Message& message);

}  // namespace fingerpost::golden

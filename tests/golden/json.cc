#include "golden/json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <stdexcept>

namespace fingerpost::golden {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string Uppercase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

std::string Prefix(const EnumDescriptor& type) {
  const std::string zero = type.value(0)->name();
  return zero.substr(0, zero.rfind("UNSPECIFIED"));
}

void SpellOutEnums(Value& json, const Descriptor& type);

void SpellOutEnum(Value& json, const FieldDescriptor& field) {
  if (json.kind_case() == Value::kListValue) {
    for (Value& item : *json.mutable_list_value()->mutable_values()) SpellOutEnum(item, field);
  } else if (field.enum_type() != nullptr) {
    if (const auto* value = FindEnum(*field.enum_type(), json)) {
      json.set_string_value(value->name());
    }
  } else if (!field.is_map()) {
    SpellOutEnums(json, *field.message_type());
  }
}

void SpellOutEnums(Value& json, const Descriptor& type) {
  if (json.kind_case() != Value::kStructValue) return;
  for (auto& [name, value] : *json.mutable_struct_value()->mutable_fields()) {
    const FieldDescriptor* field = FindMember(type, name);
    if (field == nullptr) continue;
    if (field->enum_type() != nullptr || field->message_type() != nullptr) {
      SpellOutEnum(value, *field);
    }
  }
}

}  // namespace

Value ParseJson(const std::string& text) {
  Value value;
  const auto status = google::protobuf::util::JsonStringToMessage(text, &value);
  if (!status.ok()) throw std::runtime_error(status.ToString());
  return value;
}

std::string ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  return status.ok() ? text : status.ToString();
}

std::string ToJson(const Value& value) { return ToJson(static_cast<const Message&>(value)); }

const Value* Member(const Value& object, const std::string& name) {
  const auto& fields = object.struct_value().fields();
  const auto found = fields.find(name);
  return found == fields.end() ? nullptr : &found->second;
}

const EnumValueDescriptor* FindEnum(const EnumDescriptor& type, const Value& value) {
  if (value.kind_case() == Value::kNumberValue) {
    return type.FindValueByNumber(static_cast<int>(value.number_value()));
  }
  const auto* full = type.FindValueByName(value.string_value());
  return full != nullptr ? full
                         : type.FindValueByName(Prefix(type) + Uppercase(value.string_value()));
}

const FieldDescriptor* FindMember(const Descriptor& type, const std::string& name) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  return field != nullptr ? field : type.FindFieldByCamelcaseName(name);
}

std::string FromJson(const Value& json, Message& message) {
  Value spelled_out = json;
  SpellOutEnums(spelled_out, *message.GetDescriptor());
  const auto status = google::protobuf::util::JsonStringToMessage(ToJson(spelled_out), &message);
  return status.ok() ? "" : status.ToString();
}

}  // namespace fingerpost::golden

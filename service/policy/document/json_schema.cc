#include "policy/document/json_schema.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "core/message/enum_names.h"
#include "policy/document/policy_descriptors.h"

namespace fingerpost::policy::document {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::SourceLocation;
using Json = nlohmann::ordered_json;

// The comment above an element: its lines joined, paragraphs kept apart.
template <typename Element>
std::string Comment(const Element& element) {
  SourceLocation location;
  if (!element.GetSourceLocation(&location)) return {};
  std::string text;
  std::istringstream lines(location.leading_comments);
  for (std::string line; std::getline(lines, line);) {
    const size_t begin = line.find_first_not_of(' ');
    if (begin == line.npos) {
      text += "\n\n";
    } else {
      if (!text.empty() && text.back() != '\n') text += ' ';
      text += line.substr(begin);
    }
  }
  return text;
}

template <typename Element>
void Describe(const Element& element, Json& schema) {
  if (std::string text = Comment(element); !text.empty()) schema["description"] = std::move(text);
}

// Of the members of a oneof, one.
void ExcludePairs(const Descriptor& type, Json& schema) {
  Json pairs = Json::array();
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    const auto& oneof = *type.oneof_decl(i);
    for (int a = 0; a < oneof.field_count(); ++a) {
      for (int b = a + 1; b < oneof.field_count(); ++b) {
        const Json names = {oneof.field(a)->name(), oneof.field(b)->name()};
        pairs.push_back({{"required", names}});
      }
    }
  }
  if (!pairs.empty()) schema["not"]["anyOf"] = std::move(pairs);
}

Json EnumValue(const google::protobuf::EnumDescriptor& type) {
  Json values = Json::array();
  // From 1: the zero value means that nothing was said.
  for (int i = 1; i < type.value_count(); ++i) {
    Json value = {{"const", message::ShortEnumName(*type.value(i))}};
    Describe(*type.value(i), value);
    values.push_back(std::move(value));
  }
  return {{"oneOf", std::move(values)}};
}

// Writes a schema for each message once, and refers to it elsewhere.
class SchemaWriter {
 public:
  Json Write(const Descriptor& root) {
    Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                   {"title", root.name()},
                   {"$ref", Reference(root)}};
    Json& definitions = schema["$defs"];
    for (size_t i = 0; i < pending_.size(); ++i) {  // Grows while messages name others.
      definitions[pending_[i]->name()] = Message(*pending_[i]);
    }
    return schema;
  }

 private:
  std::string Reference(const Descriptor& type) {
    if (known_.insert(&type).second) pending_.push_back(&type);
    return "#/$defs/" + type.name();
  }

  Json Message(const Descriptor& type) {
    Json schema = {{"type", "object"}};
    Describe(type, schema);
    schema["additionalProperties"] = false;
    Json& properties = schema["properties"] = Json::object();
    for (int i = 0; i < type.field_count(); ++i) {
      Json& property = properties[type.field(i)->name()] = Field(*type.field(i));
      Describe(*type.field(i), property);
    }
    ExcludePairs(type, schema);
    return schema;
  }

  Json Field(const FieldDescriptor& field) {
    if (field.is_map()) {
      return {{"type", "object"},
              {"additionalProperties", Value(*field.message_type()->map_value())}};
    }
    if (field.is_repeated()) return {{"type", "array"}, {"items", Value(field)}};
    return Value(field);
  }

  Json Value(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return MessageValue(*field.message_type());
      case FieldDescriptor::CPPTYPE_ENUM:
        return EnumValue(*field.enum_type());
      case FieldDescriptor::CPPTYPE_BOOL:
        return {{"type", "boolean"}};
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return {{"type", "number"}};
      case FieldDescriptor::CPPTYPE_STRING:
        // YAML reads 7829 and true as other things than text; they are taken as they are written.
        return {{"type", {"string", "number", "boolean"}}};
      case FieldDescriptor::CPPTYPE_UINT32:
      case FieldDescriptor::CPPTYPE_UINT64:
        return {{"type", "integer"}, {"minimum", 0}};
      default:
        return {{"type", "integer"}};
    }
  }

  Json MessageValue(const Descriptor& type) {
    switch (type.well_known_type()) {
      case Descriptor::WELLKNOWNTYPE_DURATION:
        return {{"type", "string"}, {"pattern", R"(^-?[0-9]+(\.[0-9]{1,9})?s$)"}};
      case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
        return {{"type", "string"}, {"format", "date-time"}};
      default:
        return {{"$ref", Reference(type)}};
    }
  }

  absl::flat_hash_set<const Descriptor*> known_;
  std::vector<const Descriptor*> pending_;
};

}  // namespace

std::string JsonSchema(const std::string& type) {
  google::protobuf::FileDescriptorSet files;
  if (!files.ParseFromArray(kPolicyDescriptors.data(),
                            static_cast<int>(kPolicyDescriptors.size()))) {
    throw std::logic_error("the embedded descriptors are broken");
  }
  google::protobuf::DescriptorPool pool;
  for (const google::protobuf::FileDescriptorProto& file : files.file()) {
    if (pool.BuildFile(file) == nullptr) throw std::logic_error(file.name() + " is broken");
  }
  return SchemaWriter().Write(*pool.FindMessageTypeByName(type)).dump(2) + '\n';
}

}  // namespace fingerpost::policy::document

#include "policy/document/json_schema.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
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

// As the values are written. An enumeration has no place for descriptions that generators read, so
// they stand in its own.
Json EnumComponent(const google::protobuf::EnumDescriptor& type) {
  std::string text = Comment(type) + '\n';
  Json values = Json::array();
  for (int i = 1; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    text += "\n- `" + value.name() + "`: " + Comment(value);
    values.push_back(value.name());
  }
  return {{"type", "string"}, {"description", std::move(text)}, {"enum", std::move(values)}};
}

// Who reads the schema: editors of a policy's document, or the callers of the JSON API.
enum class Reader : uint8_t { kEditor, kCaller };

// Writes a schema for each message once, and refers to it elsewhere.
class SchemaWriter {
 public:
  explicit SchemaWriter(Reader reader) : reader_(reader) {}

  Json Write(const Descriptor& root) {
    Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                   {"title", root.name()},
                   {"$ref", Reference(root)}};
    WriteAll(schema["$defs"]);
    return schema;
  }

  Json Write(std::span<const Descriptor* const> roots) {
    for (const Descriptor* root : roots) (void)Reference(*root);
    Json schemas = Json::object();
    WriteAll(schemas);
    for (const auto* type : enums_) schemas[type->name()] = EnumComponent(*type);
    return schemas;
  }

 private:
  void WriteAll(Json& definitions) {
    for (size_t i = 0; i < pending_.size(); ++i) {  // Grows while messages name others.
      definitions[pending_[i]->name()] = Message(*pending_[i]);
    }
  }

  [[nodiscard]] bool IsForCallers() const { return reader_ == Reader::kCaller; }

  [[nodiscard]] std::string Named(const std::string& name) const {
    return (IsForCallers() ? "#/components/schemas/" : "#/$defs/") + name;
  }

  std::string Reference(const Descriptor& type) {
    if (known_.insert(&type).second) pending_.push_back(&type);
    return Named(type.name());
  }

  Json Enum(const google::protobuf::EnumDescriptor& type) {
    if (!IsForCallers()) return EnumValue(type);
    if (std::find(enums_.begin(), enums_.end(), &type) == enums_.end()) enums_.push_back(&type);
    return {{"$ref", Named(type.name())}};
  }

  Json String(const FieldDescriptor& field) {
    // YAML reads 7829 and true as other things than text; they are taken as they are written.
    if (!IsForCallers()) return {{"type", {"string", "number", "boolean"}}};
    if (field.type() != FieldDescriptor::TYPE_BYTES) return {{"type", "string"}};
    return {{"type", "string"}, {"contentEncoding", "base64"}};
  }

  // 64 bits are written as text.
  Json Integer(bool is_signed, bool is_wide) {
    if (IsForCallers() && is_wide) {
      return {{"type", "string"}, {"pattern", is_signed ? "^-?[0-9]+$" : "^[0-9]+$"}};
    }
    Json schema = {{"type", "integer"}};
    if (!is_signed) schema["minimum"] = 0;
    return schema;
  }

  Json Message(const Descriptor& type) {
    Json schema = {{"type", "object"}};
    Describe(type, schema);
    if (!IsForCallers()) schema["additionalProperties"] = false;
    Json& properties = schema["properties"] = Json::object();
    for (int i = 0; i < type.field_count(); ++i) {
      // Only the service sets it, and a document with it is refused.
      if (!IsForCallers() && type.field(i)->full_name() == "fingerpost.v1.Policy.handed_out") {
        continue;
      }
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
        return Enum(*field.enum_type());
      case FieldDescriptor::CPPTYPE_BOOL:
        return {{"type", "boolean"}};
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return {{"type", "number"}};
      case FieldDescriptor::CPPTYPE_STRING:
        return String(field);
      case FieldDescriptor::CPPTYPE_UINT32:
      case FieldDescriptor::CPPTYPE_UINT64:
        return Integer(false, field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64);
      default:
        return Integer(true, field.cpp_type() == FieldDescriptor::CPPTYPE_INT64);
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

  const Reader reader_;
  absl::flat_hash_set<const Descriptor*> known_;
  std::vector<const Descriptor*> pending_;
  std::vector<const google::protobuf::EnumDescriptor*> enums_;
};

// The descriptors that are linked have no comments.
class Commented {
 public:
  Commented() {
    google::protobuf::FileDescriptorSet files;
    if (!files.ParseFromArray(kPolicyDescriptors.data(),
                              static_cast<int>(kPolicyDescriptors.size()))) {
      throw std::logic_error("the embedded descriptors are broken");
    }
    for (const google::protobuf::FileDescriptorProto& file : files.file()) {
      if (pool_.BuildFile(file) == nullptr) throw std::logic_error(file.name() + " is broken");
    }
  }

  [[nodiscard]] const Descriptor* Message(const std::string& name) const {
    return pool_.FindMessageTypeByName(name);
  }
  [[nodiscard]] const google::protobuf::MethodDescriptor* Method(const std::string& name) const {
    return pool_.FindMethodByName(name);
  }

 private:
  google::protobuf::DescriptorPool pool_;
};

}  // namespace

std::string JsonSchema(const std::string& type) {
  const Commented commented;
  return SchemaWriter(Reader::kEditor).Write(*commented.Message(type)).dump(2) + '\n';
}

std::string JsonComponents(std::span<const std::string> types) {
  const Commented commented;
  std::vector<const Descriptor*> roots;
  for (const std::string& type : types) roots.push_back(commented.Message(type));
  return SchemaWriter(Reader::kCaller).Write(roots).dump();
}

std::string MethodComment(const std::string& method) {
  return Comment(*Commented().Method(method));
}

}  // namespace fingerpost::policy::document

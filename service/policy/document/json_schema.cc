#include "policy/document/json_schema.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "core/message/enum_names.h"
#include "policy/document/policy_descriptors.h"

namespace fingerpost::policy::document {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::SourceLocation;

// As a JSON string (RFC 8259 §7).
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out += '"';
}

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

// `, "description": …` or nothing.
template <typename Element>
std::string Description(const Element& element) {
  const std::string text = Comment(element);
  return text.empty() ? "" : ", \"description\": " + Quoted(text);
}

// Writes a schema for each message once, and refers to it elsewhere.
class SchemaWriter {
 public:
  std::string Write(const Descriptor& root) {
    std::string out = "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n";
    out += "  \"title\": " + Quoted(root.name()) + ",\n  \"$ref\": " + Reference(root) +
           ",\n  \"$defs\": {\n";
    for (size_t i = 0; i < pending_.size(); ++i) {  // Grows while messages name others.
      const Descriptor& type = *pending_[i];
      out += (i == 0 ? "    " : ",\n    ") + Quoted(type.name()) + ": " + Message(type);
    }
    return out + "\n  }\n}\n";
  }

 private:
  std::string Reference(const Descriptor& type) {
    if (known_.insert(&type).second) pending_.push_back(&type);
    return Quoted("#/$defs/" + type.name());
  }

  std::string Message(const Descriptor& type) {
    std::string out = "{\"type\": \"object\"" + Description(type) +
                      ", \"additionalProperties\": false, \"properties\": {";
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      std::string schema = Field(field);
      schema.pop_back();  // "}"
      out += (i == 0 ? "\n      " : ",\n      ") + Quoted(field.name()) + ": " + schema +
             Description(field) + "}";
    }
    return out + "}" + Exclusions(type) + "}";
  }

  // Of the members of a oneof, one.
  static std::string Exclusions(const Descriptor& type) {
    std::string pairs;
    for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
      const auto& oneof = *type.oneof_decl(i);
      for (int a = 0; a < oneof.field_count(); ++a) {
        for (int b = a + 1; b < oneof.field_count(); ++b) {
          pairs += (pairs.empty() ? "" : ", ") + std::string("{\"required\": [") +
                   Quoted(oneof.field(a)->name()) + ", " + Quoted(oneof.field(b)->name()) + "]}";
        }
      }
    }
    return pairs.empty() ? "" : ", \"not\": {\"anyOf\": [" + pairs + "]}";
  }

  std::string Field(const FieldDescriptor& field) {
    if (field.is_map()) {
      return "{\"type\": \"object\", \"additionalProperties\": " +
             Value(*field.message_type()->map_value()) + "}";
    }
    if (field.is_repeated()) return "{\"type\": \"array\", \"items\": " + Value(field) + "}";
    return Value(field);
  }

  std::string Value(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return MessageValue(*field.message_type());
      case FieldDescriptor::CPPTYPE_ENUM:
        return EnumValue(*field.enum_type());
      case FieldDescriptor::CPPTYPE_BOOL:
        return "{\"type\": \"boolean\"}";
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return "{\"type\": \"number\"}";
      case FieldDescriptor::CPPTYPE_STRING:
        // YAML reads 7829 and true as other things than text; they are taken as they are written.
        return "{\"type\": [\"string\", \"number\", \"boolean\"]}";
      case FieldDescriptor::CPPTYPE_UINT32:
      case FieldDescriptor::CPPTYPE_UINT64:
        return "{\"type\": \"integer\", \"minimum\": 0}";
      default:
        return "{\"type\": \"integer\"}";
    }
  }

  std::string MessageValue(const Descriptor& type) {
    switch (type.well_known_type()) {
      case Descriptor::WELLKNOWNTYPE_DURATION:
        return R"({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$"})";
      case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
        return R"({"type": "string", "format": "date-time"})";
      default:
        return "{\"$ref\": " + Reference(type) + "}";
    }
  }

  static std::string EnumValue(const google::protobuf::EnumDescriptor& type) {
    std::string values;
    // From 1: the zero value means that nothing was said.
    for (int i = 1; i < type.value_count(); ++i) {
      const auto& value = *type.value(i);
      values += (values.empty() ? "" : ", ") + std::string("{\"const\": ") +
                Quoted(message::ShortEnumName(value)) + Description(value) + "}";
    }
    return "{\"oneOf\": [" + values + "]}";
  }

  std::set<const Descriptor*> known_;
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
  return SchemaWriter().Write(*pool.FindMessageTypeByName(type));
}

}  // namespace fingerpost::policy::document

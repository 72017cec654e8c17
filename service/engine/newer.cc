#include "engine/newer.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>

#include <utility>
#include <vector>

namespace fingerpost::engine {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsKnown(const FieldDescriptor& field, int value) {
  return field.enum_type()->FindValueByNumber(value) != nullptr;
}

class Search {
 public:
  // Whether something newer is in `message`; path() then leads to it. Octets nest at most as deep
  // as protobuf reads them.
  // NOLINTNEXTLINE(misc-no-recursion)
  bool In(const Message& message) {
    const auto& reflection = *message.GetReflection();
    if (!reflection.GetUnknownFields(message).empty()) return true;
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      path_.push_back({.name = field->name()});
      if (field->is_repeated() ? InEach(message, *field) : InOne(message, *field)) return true;
      path_.pop_back();
    }
    return false;
  }

  [[nodiscard]] message::Path path() && { return std::move(path_); }

 private:
  // NOLINTNEXTLINE(misc-no-recursion)
  bool InOne(const Message& message, const FieldDescriptor& field) {
    const auto& reflection = *message.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      return !IsKnown(field, reflection.GetEnumValue(message, &field));
    }
    return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
           In(reflection.GetMessage(message, &field));
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  bool InEach(const Message& message, const FieldDescriptor& field) {
    if (field.is_map()) return InMap(message, field);
    const auto& reflection = *message.GetReflection();
    const bool is_enum = field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
    if (!is_enum && field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return false;
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      path_.push_back(
          {.kind = message::Step::Kind::kIndex, .name = {}, .index = static_cast<size_t>(i)});
      if (is_enum ? !IsKnown(field, reflection.GetRepeatedEnumValue(message, &field, i))
                  : In(reflection.GetRepeatedMessage(message, &field, i))) {
        return true;
      }
      path_.pop_back();
    }
    return false;
  }

  // A map is a list of entries, in any order. A policy's have text as keys.
  // NOLINTNEXTLINE(misc-no-recursion)
  bool InMap(const Message& message, const FieldDescriptor& field) {
    const auto& reflection = *message.GetReflection();
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
      path_.push_back(
          {.kind = message::Step::Kind::kKey,
           .name = entry.GetReflection()->GetString(entry, field.message_type()->map_key())});
      if (InOne(entry, *field.message_type()->map_value())) return true;
      path_.pop_back();
    }
    return false;
  }

  message::Path path_;
};

}  // namespace

std::optional<message::Path> FindNewer(const google::protobuf::Message& message) {
  Search search;
  if (!search.In(message)) return std::nullopt;
  return std::move(search).path();
}

}  // namespace fingerpost::engine

#include "core/message_builder.h"

#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/enum_names.h"

namespace fingerpost {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A name in a path is cut here: it may be anything.
constexpr size_t kLongestNameShown = 64;

// Doubles hold every whole number up to here.
constexpr double kLargestExactDouble = 9007199254740992.0;

bool IsTime(const Descriptor& type) {
  return type.well_known_type() == Descriptor::WELLKNOWNTYPE_TIMESTAMP ||
         type.well_known_type() == Descriptor::WELLKNOWNTYPE_DURATION;
}

bool IsObject(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsTime(*field.message_type());
}

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

// What a value of the field, or one element of it, looks like.
std::string Expected(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsTime(*field.message_type()) ? ExpectedTime(*field.message_type()) : "an object";
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

std::string OneofNames(const google::protobuf::OneofDescriptor& oneof) {
  std::string names;
  for (int i = 0; i < oneof.field_count(); ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", oneof.field(i)->name());
  }
  return names;
}

std::string Shown(std::string_view name) {
  const bool cut = name.size() > kLongestNameShown;
  const std::string_view start = name.substr(0, kLongestNameShown);
  return absl::Utf8SafeCHexEscape(absl::string_view(start.data(), start.size())) +
         (cut ? "..." : "");
}

// The two functions of Reflection that store a T.
template <typename T>
struct Access;
template <>
struct Access<bool> {
  static constexpr auto kSet = &Reflection::SetBool, kAdd = &Reflection::AddBool;
};
template <>
struct Access<int32_t> {
  static constexpr auto kSet = &Reflection::SetInt32, kAdd = &Reflection::AddInt32;
};
template <>
struct Access<uint32_t> {
  static constexpr auto kSet = &Reflection::SetUInt32, kAdd = &Reflection::AddUInt32;
};
template <>
struct Access<int64_t> {
  static constexpr auto kSet = &Reflection::SetInt64, kAdd = &Reflection::AddInt64;
};
template <>
struct Access<uint64_t> {
  static constexpr auto kSet = &Reflection::SetUInt64, kAdd = &Reflection::AddUInt64;
};
template <>
struct Access<float> {
  static constexpr auto kSet = &Reflection::SetFloat, kAdd = &Reflection::AddFloat;
};
template <>
struct Access<double> {
  static constexpr auto kSet = &Reflection::SetDouble, kAdd = &Reflection::AddDouble;
};
template <>
struct Access<std::string> {
  static constexpr auto kSet = &Reflection::SetString, kAdd = &Reflection::AddString;
};
template <>
struct Access<const EnumValueDescriptor*> {
  static constexpr auto kSet = &Reflection::SetEnum, kAdd = &Reflection::AddEnum;
};

template <typename T, typename Slot>
void Put(const Slot& slot, T value) {
  const Reflection& reflection = *slot.message->GetReflection();
  (reflection.*(slot.element ? Access<T>::kAdd : Access<T>::kSet))(slot.message, slot.field,
                                                                   std::move(value));
}

// Stores `value` as a T; false when T cannot hold it.
template <typename T, typename Slot, typename Value>
bool PutInRange(const Slot& slot, Value value) {
  if (!std::in_range<T>(value)) return false;
  Put<T>(slot, static_cast<T>(value));
  return true;
}

}  // namespace

MessageBuilder::MessageBuilder(Message& message) : root_(message) {}

// Faults.

std::string MessageBuilder::Path() const {
  std::string path;
  const auto append = [&path](std::string_view name) {
    if (!path.empty()) path += '.';
    path += name;
  };
  for (const Frame& frame : frames_) {
    switch (frame.kind) {
      case Kind::kMessage:
        if (frame.field != nullptr) append(frame.field->name());
        break;
      case Kind::kList:
        if (frame.index >= 0) absl::StrAppend(&path, "[", frame.index, "]");
        break;
      case Kind::kMap:
        if (!frame.key.empty()) append(Shown(frame.key));
        break;
      case Kind::kSkipped:
        break;
    }
  }
  return path;
}

void MessageBuilder::Report(std::string description, std::string_view name) {
  if (faults_.size() >= kMaxFaults) return;
  std::string field = Path();
  if (!name.empty()) absl::StrAppend(&field, field.empty() ? "" : ".", Shown(name));
  faults_.push_back({std::move(field), std::move(description), line_});
}

void MessageBuilder::UnknownField(const Frame& frame, const std::string& name) {
  if (faults_.size() >= kMaxFaults) return;
  const Descriptor& type = *frame.message->GetDescriptor();
  Nearest nearest(name);
  std::string names;
  for (int i = 0; i < type.field_count(); ++i) {
    nearest.Offer(type.field(i)->name());
    absl::StrAppend(&names, i == 0 ? "" : ", ", type.field(i)->name());
  }
  Report(nearest.Best().empty() ? "unknown field; expected one of " + names
                                : "unknown field; did you mean " + nearest.Best() + "?",
         name);
}

// Structure.

MessageBuilder::Slot MessageBuilder::Next() {
  if (frames_.empty()) return {};
  Frame& frame = frames_.back();
  switch (frame.kind) {
    case Kind::kMessage:
      return {frame.message, frame.field, false};
    case Kind::kList:
      ++frame.index;
      return {frame.message, frame.field, true};
    case Kind::kMap: {
      // A map is a list of entries: field 1 is the key, field 2 the value.
      const Descriptor& entry = *frame.field->message_type();
      Message* added = frame.message->GetReflection()->AddMessage(frame.message, frame.field);
      added->GetReflection()->SetString(added, entry.map_key(), frame.key);
      return {added, entry.map_value(), false};
    }
    case Kind::kSkipped:
      return {};
  }
  return {};
}

MessageBuilder::Slot MessageBuilder::NextScalar(std::string_view found) {
  if (frames_.empty()) {
    Report("expected an object, found " + std::string(found));
    return {};
  }
  const Slot slot = Next();
  if (slot.field == nullptr) return {};
  if (slot.field->is_repeated() && !slot.element) {
    Report((slot.field->is_map() ? "expected an object, found " : "expected a list, found ") +
           std::string(found));
    return {};
  }
  return slot;
}

void MessageBuilder::BeginObject() {
  if (frames_.empty()) {
    frames_.push_back({.kind = Kind::kMessage, .message = &root_});
    frames_.back().given.resize(static_cast<size_t>(root_.GetDescriptor()->field_count()));
    return;
  }
  const Slot slot = Next();
  if (slot.field == nullptr) {
    frames_.push_back({.kind = Kind::kSkipped});
  } else if (slot.field->is_map()) {
    frames_.push_back({.kind = Kind::kMap, .message = slot.message, .field = slot.field});
  } else if (!IsObject(*slot.field) || (slot.field->is_repeated() && !slot.element)) {
    Report("expected " +
           (slot.field->is_repeated() && !slot.element ? "a list" : Expected(*slot.field)) +
           ", found an object");
    frames_.push_back({.kind = Kind::kSkipped});
  } else {
    const Reflection& reflection = *slot.message->GetReflection();
    Message* message = slot.element ? reflection.AddMessage(slot.message, slot.field)
                                    : reflection.MutableMessage(slot.message, slot.field);
    frames_.push_back({.kind = Kind::kMessage, .message = message});
    frames_.back().given.resize(static_cast<size_t>(message->GetDescriptor()->field_count()));
  }
}

void MessageBuilder::Key(const std::string& name) {
  Frame& frame = frames_.back();
  if (frame.kind == Kind::kMap) {
    frame.key = name;
    if (!frame.keys.insert(name).second) Report("given twice");
  } else if (frame.kind == Kind::kMessage) {
    const Descriptor& type = *frame.message->GetDescriptor();
    frame.field = nullptr;
    const FieldDescriptor* field = type.FindFieldByName(name);
    if (field == nullptr) field = type.FindFieldByCamelcaseName(name);
    if (field == nullptr) return UnknownField(frame, name);
    MarkGiven(frame, *field);
    frame.field = field;
  }
}

void MessageBuilder::MarkGiven(Frame& frame, const FieldDescriptor& field) {
  auto given = [&frame](const FieldDescriptor& other) -> bool& {
    return frame.given[static_cast<size_t>(other.index())];
  };
  if (given(field)) Report("given twice", field.name());
  given(field) = true;
  const auto* oneof = field.real_containing_oneof();
  if (oneof == nullptr) return;
  for (int i = 0; i < oneof->field_count(); ++i) {
    if (oneof->field(i) != &field && given(*oneof->field(i))) {
      Report("expected only one of " + OneofNames(*oneof), field.name());
      return;
    }
  }
}

void MessageBuilder::EndObject() { frames_.pop_back(); }

void MessageBuilder::BeginList() {
  if (frames_.empty()) Report("expected an object, found a list");
  const Slot slot = Next();
  if (slot.field == nullptr) {
    frames_.push_back({.kind = Kind::kSkipped});
  } else if (slot.element || !slot.field->is_repeated() || slot.field->is_map()) {
    Report("expected " + (slot.field->is_map() ? "an object" : Expected(*slot.field)) +
           ", found a list");
    frames_.push_back({.kind = Kind::kSkipped});
  } else {
    frames_.push_back({.kind = Kind::kList, .message = slot.message, .field = slot.field});
  }
}

void MessageBuilder::EndList() { frames_.pop_back(); }

// Scalars.

void MessageBuilder::Null() {
  if (frames_.empty()) return Report("expected an object, found null");
  const Slot slot = Next();
  const bool in_map = frames_.back().kind == Kind::kMap;
  // The null of a field means that the field is absent; an element cannot be.
  if (slot.field != nullptr && (slot.element || in_map)) {
    Report("expected " + Expected(*slot.field) + ", found null");
  }
}

void MessageBuilder::Bool(bool value) {
  const Slot slot = NextScalar("true or false");
  if (slot.field == nullptr) return;
  if (slot.field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return Put<bool>(slot, value);
  Report("expected " + Expected(*slot.field) + ", found true or false");
}

template <typename Number>
void MessageBuilder::StoreNumber(Number value) {
  const Slot slot = NextScalar("a number");
  if (slot.field == nullptr) return;
  switch (slot.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Put<float>(slot, static_cast<float>(value));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Put<double>(slot, static_cast<double>(value));
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_ENUM:
      if constexpr (std::is_integral_v<Number>) return StoreInteger(slot, value);
      break;
    default:
      break;
  }
  Report("expected " + Expected(*slot.field) + ", found a number");
}

template <typename Number>
void MessageBuilder::StoreInteger(const Slot& slot, Number value) {
  bool fits = false;
  switch (slot.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      fits = PutInRange<int32_t>(slot, value);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      fits = PutInRange<int64_t>(slot, value);
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      fits = PutInRange<uint32_t>(slot, value);
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      fits = PutInRange<uint64_t>(slot, value);
      break;
    default: {
      const auto& type = *slot.field->enum_type();
      const auto* found =
          std::in_range<int>(value) ? type.FindValueByNumber(static_cast<int>(value)) : nullptr;
      if (found == nullptr) return Report(ExpectedEnumValue(type, ""));
      return Put<const EnumValueDescriptor*>(slot, found);
    }
  }
  if (!fits) Report("expected " + Expected(*slot.field));
}

void MessageBuilder::Integer(int64_t value) { StoreNumber(value); }
void MessageBuilder::Unsigned(uint64_t value) { StoreNumber(value); }

void MessageBuilder::Real(double value) {
  // 1e3 and 5.0 are whole numbers, too.
  if (std::trunc(value) == value && std::abs(value) <= kLargestExactDouble) {
    StoreNumber(static_cast<int64_t>(value));
  } else {
    StoreNumber(value);
  }
}

void MessageBuilder::Text(const std::string& value) {
  const Slot slot = NextScalar("text");
  if (slot.field != nullptr) StoreText(slot, value);
}

void MessageBuilder::Plain(const std::string& value) {
  const Slot slot = NextScalar("text");
  if (slot.field == nullptr) return;
  const FieldDescriptor& field = *slot.field;
  double number = 0;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL && (value == "true" || value == "false")) {
    return Put<bool>(slot, value == "true");
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE && absl::SimpleAtod(value, &number)) {
    return Put<double>(slot, number);
  }
  StoreText(slot, value);
}

void MessageBuilder::StoreText(const Slot& slot, const std::string& value) {
  const FieldDescriptor& field = *slot.field;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      if (field.type() != FieldDescriptor::TYPE_BYTES) return Put<std::string>(slot, value);
      std::string bytes;
      if (!absl::Base64Unescape(value, &bytes) && !absl::WebSafeBase64Unescape(value, &bytes))
        break;
      return Put<std::string>(slot, std::move(bytes));
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* found = FindEnumValue(*field.enum_type(), value);
      if (found == nullptr) return Report(ExpectedEnumValue(*field.enum_type(), value));
      return Put<const EnumValueDescriptor*>(slot, found);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return StoreTime(slot, value);
    // 64 bits are written as text in JSON, whose readers often have doubles only.
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64: {
      int64_t number = 0;
      if (absl::SimpleAtoi(value, &number)) return StoreInteger(slot, number);
      break;
    }
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64: {
      uint64_t number = 0;
      if (absl::SimpleAtoi(value, &number)) return StoreInteger(slot, number);
      break;
    }
    default:
      break;
  }
  Report("expected " + Expected(field) + ", found text");
}

void MessageBuilder::StoreTime(const Slot& slot, const std::string& value) {
  using google::protobuf::util::TimeUtil;
  const Descriptor& type = *slot.field->message_type();
  bool valid = false;
  const auto parse = [&](auto time) {
    valid = TimeUtil::FromString(value, &time);
    if (!valid) return;
    const Reflection& reflection = *slot.message->GetReflection();
    Message* stored = slot.element ? reflection.AddMessage(slot.message, slot.field)
                                   : reflection.MutableMessage(slot.message, slot.field);
    stored->CopyFrom(time);
  };
  if (type.well_known_type() == Descriptor::WELLKNOWNTYPE_DURATION) {
    parse(google::protobuf::Duration());
  } else if (IsTime(type)) {
    parse(google::protobuf::Timestamp());
  }
  if (!valid) Report("expected " + Expected(*slot.field) + (IsTime(type) ? "" : ", found text"));
}

}  // namespace fingerpost

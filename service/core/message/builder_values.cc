// Builder's scalars: each event, and the field types that take it.
#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>
#include <google/protobuf/util/time_util.h>

#include <cmath>
#include <utility>

#include "core/message/builder.h"
#include "core/message/enum_names.h"
#include "core/message/expected.h"

namespace fingerpost::message {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Doubles represent every whole number up to this one.
constexpr double kLargestExactDouble = 9007199254740992.0;

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

template <typename Slot>
void PutEnumNumber(const Slot& slot, int value) {
  const Reflection& reflection = *slot.message->GetReflection();
  if (slot.element) {
    reflection.AddEnumValue(slot.message, slot.field, value);
  } else {
    reflection.SetEnumValue(slot.message, slot.field, value);
  }
}

// Stores `value` as a T; false when T cannot hold it.
template <typename T, typename Slot, typename Value>
bool PutInRange(const Slot& slot, Value value) {
  if (!std::in_range<T>(value)) return false;
  Put<T>(slot, static_cast<T>(value));
  return true;
}

}  // namespace

void Builder::Null() {
  if (frames_.empty()) return Report("expected an object, found null");
  const Slot slot = Next();
  const bool in_map = frames_.back().kind == Kind::kMap;
  // A null field is absent; an element cannot be absent.
  if (slot.field != nullptr && (slot.element || in_map)) {
    Report("expected " + Expected(*slot.field) + ", found null");
  }
}

void Builder::Bool(bool value) {
  const Slot slot = NextScalar("true or false");
  if (slot.field == nullptr) return;
  if (slot.field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return Put<bool>(slot, value);
  Report("expected " + Expected(*slot.field) + ", found true or false");
}

template <typename Number>
void Builder::StoreNumber(Number value) {
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
void Builder::StoreInteger(const Slot& slot, Number value) {
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
    case FieldDescriptor::CPPTYPE_ENUM:
      // Proto3 enums are open: the reader of the message decides whether a number is a value.
      if (!std::in_range<int>(value)) break;
      return PutEnumNumber(slot, static_cast<int>(value));
    default:
      break;
  }
  if (!fits) Report("expected " + Expected(*slot.field));
}

void Builder::Integer(int64_t value) { StoreNumber(value); }
void Builder::Unsigned(uint64_t value) { StoreNumber(value); }

void Builder::Real(double value) {
  // 1e3 and 5.0 count as whole numbers.
  if (std::trunc(value) == value && std::abs(value) <= kLargestExactDouble) {
    StoreNumber(static_cast<int64_t>(value));
  } else {
    StoreNumber(value);
  }
}

void Builder::Text(const std::string& value) {
  const Slot slot = NextScalar("text");
  if (slot.field != nullptr) StoreText(slot, value);
}

void Builder::Plain(const std::string& value) {
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

void Builder::StoreText(const Slot& slot, const std::string& value) {
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
    // JSON has 64-bit numbers as text, because many readers have only doubles.
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

void Builder::StoreTime(const Slot& slot, const std::string& value) {
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

}  // namespace fingerpost::message

#include "core/message/builder.h"

#include <absl/strings/str_cat.h>

#include <memory>
#include <utility>

#include "core/message/expected.h"
#include "core/message/nearest.h"

namespace fingerpost::message {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string OneofNames(const google::protobuf::OneofDescriptor& oneof) {
  std::string names;
  for (int i = 0; i < oneof.field_count(); ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", oneof.field(i)->name());
  }
  return names;
}

// The member `field` of `message`, which is not repeated. One of a oneof is allocated before it is
// a member: MutableMessage() without memory would leave a wild pointer.
Message* Member(Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.real_containing_oneof() != nullptr && !reflection.HasField(message, &field)) {
    Message* fresh = reflection.GetMessage(message, &field).New();
    reflection.SetAllocatedMessage(&message, fresh, &field);
  }
  return reflection.MutableMessage(&message, &field);
}

}  // namespace

Builder::Builder(Message& message, Faults& faults) : root_(message), faults_(faults) {}

// Faults.

Path Builder::ToPath() const {
  Path path;
  for (const Frame& frame : frames_) {
    switch (frame.kind) {
      case Kind::kMessage:
        if (frame.field != nullptr) path.push_back({.name = frame.field->name()});
        break;
      case Kind::kList:
        if (frame.index >= 0) {
          path.push_back(
              {.kind = Step::Kind::kIndex, .name = {}, .index = static_cast<size_t>(frame.index)});
        }
        break;
      case Kind::kMap:
        if (!frame.key.empty()) path.push_back({.kind = Step::Kind::kKey, .name = frame.key});
        break;
      case Kind::kSkipped:
        break;
    }
  }
  return path;
}

void Builder::Report(std::string what, std::string_view name) {
  Fault fault{.path = {}, .what = std::move(what), .position = position_};
  if (!faults_.full()) {
    fault.path = ToPath();
    if (!name.empty()) fault.path.push_back({.name = std::string(name)});
  }
  faults_.Add(std::move(fault));
}

void Builder::UnknownField(const Frame& frame, const std::string& name) {
  if (faults_.full()) return Report({});
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

Builder::Slot Builder::Next() {
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

Builder::Slot Builder::NextScalar(std::string_view found) {
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

void Builder::BeginObject() {
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
    Message* message = slot.element
                           ? slot.message->GetReflection()->AddMessage(slot.message, slot.field)
                           : Member(*slot.message, *slot.field);
    frames_.push_back({.kind = Kind::kMessage, .message = message});
    frames_.back().given.resize(static_cast<size_t>(message->GetDescriptor()->field_count()));
  }
}

void Builder::Key(const std::string& name) {
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

void Builder::MarkGiven(Frame& frame, const FieldDescriptor& field) {
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

void Builder::EndObject() { frames_.pop_back(); }

void Builder::BeginList() {
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

void Builder::EndList() { frames_.pop_back(); }

}  // namespace fingerpost::message

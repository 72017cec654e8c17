#include "core/message/violations.h"

#include <algorithm>

namespace fingerpost::message {

void Violations::Add(std::string_view field, std::string_view description) {
  Insert(error_.violations_size(), field, description);
}

void Violations::Insert(int place, std::string_view field, std::string_view description) {
  ++count_;
  if (place >= kMaxReported) return;
  auto& list = *error_.mutable_violations();
  if (list.size() == kMaxReported) list.RemoveLast();
  v1::FieldViolation& violation = *list.Add();
  violation.set_field(field.data(), field.size());
  violation.set_description(description.data(), description.size());
  std::rotate(list.pointer_begin() + place, list.pointer_end() - 1, list.pointer_end());
}

bool Violations::Finish() {
  if (empty()) return true;
  error_.set_code("INVALID_ARGUMENT");
  error_.set_reason(v1::ERROR_REASON_INVALID_FIELDS);
  const std::string& field = error_.violations(0).field();
  std::string message = field.empty() ? field : field + ": ";
  message += error_.violations(0).description();
  if (count_ > 1) message += " (and " + std::to_string(count_ - 1) + " more)";
  error_.set_message(message);
  return false;
}

std::string FieldPath(std::string_view list, int index, std::string_view member) {
  std::string path(list);
  path += '[';
  path += std::to_string(index);
  path += ']';
  if (!member.empty()) {
    path += '.';
    path += member;
  }
  return path;
}

}  // namespace fingerpost::message

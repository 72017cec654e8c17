#include "sendable.h"

#include <string>
#include <vector>

#include "core/message/utf8.h"

namespace fingerpost {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void CheckText(const std::string& text, const std::string& path, v1::Error& error) {
  if (message::IsUtf8(text)) return;
  v1::FieldViolation& violation = *error.add_violations();
  violation.set_field(path);
  violation.set_description("expected UTF-8");
}

void CheckMessage(const Message& message, const std::string& prefix, v1::Error& error) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> given;
  reflection.ListFields(message, &given);
  std::string room;
  for (const FieldDescriptor* field : given) {
    const bool text = field->type() == FieldDescriptor::TYPE_STRING;
    if (!text && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const std::string path = prefix + field->name();
    if (!field->is_repeated()) {
      if (text) {
        CheckText(reflection.GetStringReference(message, field, &room), path, error);
      } else {
        CheckMessage(reflection.GetMessage(message, field), path + '.', error);
      }
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      const std::string item = path + '[' + std::to_string(i) + ']';
      if (text) {
        CheckText(reflection.GetRepeatedStringReference(message, field, i, &room), item, error);
      } else {
        CheckMessage(reflection.GetRepeatedMessage(message, field, i), item + '.', error);
      }
    }
  }
}

}  // namespace

bool CheckSendable(const Message& question, v1::Error& error) {
  error.Clear();  // The caller's variable may hold an earlier error.
  CheckMessage(question, "", error);
  if (error.violations().empty()) return true;
  error.set_code("INVALID_ARGUMENT");
  error.set_reason(v1::ERROR_REASON_INVALID_FIELDS);
  error.set_message(error.violations(0).field() + ": " + error.violations(0).description());
  return false;
}

}  // namespace fingerpost

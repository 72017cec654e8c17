#include "follow_options.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

namespace fingerpost::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Row {
  const char* flag;
  const char* type;  // "": a flag without a value, but for =false
  const char* field;
  const char* text;
};

// Every field of FollowOptions has its row, which a test checks.
constexpr Row kRows[] = {
    {"--profile", "PROFILE", "profile", "Whose rules; default: strict"},
    {"--limit", "COUNT", "limit", "Most redirects, 0 to 100; default: the profile's"},
    {"--trust-origin", "ORIGIN", "trusted_origins",
     "Credentials travel among these origins. Repeatable"},
    {"--secret", "NAME", "secret_fields",
     "A field that stays on its origin, as Authorization does; trace does not show its value. "
     "Repeatable"},
    {"--allow-downgrade", "", "allow_downgrade", "Follow https to http"},
    {"--follow-multiple-choices", "", "follow_multiple_choices", "Follow 300 with a Location"},
    {"--keep-post", "", "keep_post", "Keep POST on 301 and 302"},
    {"--stop-on-method-change", "", "stop_on_method_change",
     "Stop where the next request would have another method, or no content"},
    {"--allow-polling", "", "allow_polling",
     "Go on where a request repeats and the response has a Retry-After; trace waits for it"},
    {"--switch", "SWITCH", "switches", "A switch of the profile's client. Repeatable"},
    {"--userinfo", "POLICY", "userinfo", "What to do with userinfo in Location"},
    {"--jar", "JAR", "jar", "Which cookie jar; default: the profile's"},
    {"--allow-host", "HOST", "targets.allowed_hosts",
     "Follow to this host only, or to those below a \".host\". Repeatable"},
    {"--deny-host", "HOST", "targets.denied_hosts", "Do not follow to this host. Repeatable"},
    {"--deny-private-addresses", "", "targets.deny_private_addresses",
     "Do not follow to addresses and names that the public Internet does not have"},
    {"--allow-port", "PORT", "targets.allowed_ports", "Follow to this port only. Repeatable"},
};

// The field at that path and the message that holds it, created if it is missing.
std::pair<Message*, const FieldDescriptor*> Find(std::string_view path, Message& options) {
  Message* message = &options;
  const FieldDescriptor* field = nullptr;
  for (const absl::string_view name :
       absl::StrSplit(absl::string_view(path.data(), path.size()), '.')) {
    if (field != nullptr) message = message->GetReflection()->MutableMessage(message, field);
    field = message->GetDescriptor()->FindFieldByName(std::string(name));
  }
  return {message, field};
}

const FieldDescriptor& FieldOf(const Row& row) {
  v1::FollowOptions options;
  return *Find(row.field, options).second;
}

void SetNumber(const std::string& text, const message::Place& at, const FieldDescriptor& field,
               FlagReader& reader, Message& out) {
  uint32_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return reader.Fault(at, "expected a number");
  if (field.is_repeated()) return out.GetReflection()->AddUInt32(&out, &field, number);
  out.GetReflection()->SetUInt32(&out, &field, number);
}

void Set(const std::string& text, const message::Place& at, const FieldDescriptor& field,
         FlagReader& reader, Message& out) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") return reader.Fault(at, "expected true or false");
      return out.GetReflection()->SetBool(&out, &field, text == "true");
    case FieldDescriptor::CPPTYPE_UINT32:
      return SetNumber(text, at, field, reader, out);
    case FieldDescriptor::CPPTYPE_ENUM:
      if (field.is_repeated())
        return out.GetReflection()->AddEnumValue(&out, &field,
                                                 reader.Number(*field.enum_type(), text, at));
      return out.GetReflection()->SetEnumValue(&out, &field,
                                               reader.Number(*field.enum_type(), text, at));
    default:
      return out.GetReflection()->AddString(&out, &field, reader.Text(text, at));
  }
}

}  // namespace

void FollowOptionFlags::AddTo(CLI::App& command) {
  const std::string group = "Following";
  for (const Row& row : kRows) {
    std::vector<std::string>& values = given_.emplace_back(Given{row.field, {}}).values;
    const FieldDescriptor& field = FieldOf(row);
    if (*row.type == '\0') {
      command.add_flag(row.flag, values, std::string(row.text) + "; =false: do not")->group(group);
      continue;
    }
    std::string text = row.text;
    if (field.enum_type() != nullptr) absl::StrAppend(&text, ": ", NamesOf(*field.enum_type()));
    CLI::Option* option = command.add_option(row.flag, values, text)
                              ->type_name(row.type)
                              ->allow_extra_args(false)
                              ->group(group);
    if (!field.is_repeated()) option->expected(1);
  }
}

void FollowOptionFlags::Read(FlagReader& reader, v1::FollowOptions& out) const {
  for (const auto& [name, values] : given_) {
    if (values.empty()) continue;
    const auto [message, field] = Find(name, out);
    const message::Place options("options");
    const message::Place at = options[name];
    for (size_t i = 0; i < values.size(); ++i) {
      Set(values[i], field->is_repeated() ? at[static_cast<int>(i)] : at, *field, reader, *message);
    }
  }
}

}  // namespace fingerpost::cli

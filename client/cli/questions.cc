#include "questions.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <string_view>

#include "core/enum_names.h"
#include "core/fields.h"
#include "core/utf8.h"
#include "core/violations.h"

namespace fingerpost::cli {
namespace {

// Turns the texts of flags into fields of a request, and notes what is wrong under the field's
// path.
class Reader {
 public:
  explicit Reader(v1::Error& error) : violations_(error) {}

  [[nodiscard]] bool Finish() { return violations_.Finish(); }
  void Fault(std::string_view path, std::string_view expected) { violations_.Add(path, expected); }

  // Arguments are bytes; strings of messages are UTF-8.
  const std::string& Text(const std::string& text, std::string_view path) {
    if (!IsUtf8(text)) violations_.Add(path, "expected UTF-8");
    return text;
  }

  template <typename Enum>
  Enum Name(const std::string& text, std::string_view path) {
    if (text.empty()) return {};
    const auto& type = *google::protobuf::GetEnumDescriptor<Enum>();
    if (const auto* value = FindEnumValue(type, text)) return static_cast<Enum>(value->number());
    violations_.Add(path, ExpectedEnumValue(type, text));
    return {};
  }

  google::protobuf::Timestamp Instant(const std::string& text, std::string_view path) {
    google::protobuf::Timestamp instant;
    if (!google::protobuf::util::TimeUtil::FromString(text, &instant)) {
      violations_.Add(path, "expected an instant such as 2026-01-31T12:00:00Z (RFC 3339)");
    }
    return instant;
  }

  // "120" and "120s".
  google::protobuf::Duration Seconds(const std::string& text, std::string_view path) {
    google::protobuf::Duration duration;
    const std::string seconds = text.ends_with('s') ? text : text + "s";
    if (!google::protobuf::util::TimeUtil::FromString(seconds, &duration)) {
      violations_.Add(path, "expected a number of seconds");
    }
    return duration;
  }

  // "Name: value"; a name alone is a field whose value is withheld.
  void Fields(const std::vector<std::string>& lines, std::string_view path, Headers& out) {
    const int first = out.size();
    for (int i = 0; i < static_cast<int>(lines.size()); ++i) {
      const std::string_view line = lines[static_cast<size_t>(i)];
      const size_t colon = line.find(':');
      const std::string name(line.substr(0, colon));
      if (!IsToken(name)) {
        violations_.Add(FieldPath(path, first + i),
                        "expected \"Name: value\", or \"Name\" to withhold the value");
        continue;
      }
      v1::Header& header = *out.Add();
      header.set_name(name);
      if (colon != std::string::npos) SetValue(header, TrimWhitespace(line.substr(colon + 1)));
    }
  }

  void Parameters(const std::vector<std::string>& pairs,
                  google::protobuf::Map<std::string, std::string>& out) {
    for (const std::string& pair : pairs) {
      const size_t equals = pair.find('=');
      if (equals == std::string::npos || !IsUtf8(pair)) {
        violations_.Add("parameters", "expected NAME=VALUE in UTF-8");
      } else {
        out[pair.substr(0, equals)] = pair.substr(equals + 1);
      }
    }
  }

  void Request(const RequestFlags& flags, v1::HttpRequest& out) {
    out.set_method(Text(flags.method, "request.method"));
    if (!flags.url.empty()) out.set_url(Text(flags.url, "request.url"));
    out.set_protocol(Name<v1::Protocol>(flags.protocol, "request.protocol"));
    Fields(flags.headers, "request.headers", *out.mutable_headers());
    out.set_body(Name<v1::Body>(flags.body, "request.body"));
  }

 private:
  Violations violations_;
};

// "one of permanent, temporary", for --help.
template <typename Enum>
std::string OneOf() {
  const auto& type = *google::protobuf::GetEnumDescriptor<Enum>();
  std::string names;
  for (int i = 1; i < type.value_count(); ++i) {
    absl::StrAppend(&names, i == 1 ? "" : ", ", ShortEnumName(*type.value(i)));
  }
  return names;
}

void AddRequestFlags(CLI::App& command, RequestFlags& flags) {
  const std::string group = "The request";
  command.add_option("-X,--method", flags.method, "Its method")
      ->capture_default_str()
      ->type_name("METHOD")
      ->group(group);
  command.add_option("--url", flags.url, "Its URL: absolute, http or https")
      ->type_name("URL")
      ->group(group);
  command
      .add_option("-H,--header", flags.headers,
                  "One of its fields; NAME alone: present, its value withheld. Repeatable")
      ->allow_extra_args(false)
      ->type_name("'NAME: VALUE'")
      ->group(group);
  command
      .add_option("--protocol", flags.protocol,
                  "HTTP version: " + OneOf<v1::Protocol>() + ", or as in HTTP/1.0")
      ->type_name("VERSION")
      ->group(group);
  command.add_option("--body", flags.body, "Whether it has content: " + OneOf<v1::Body>())
      ->type_name("BODY")
      ->group(group);
}

void AddNow(CLI::App& command, std::string& now) {
  command.add_option("--now", now, "The instant of the answer; default: the clock's")
      ->type_name("RFC3339")
      ->group("The answer");
}

}  // namespace

void DecideFlags::AddTo(CLI::App& command) {
  AddRequestFlags(command, request);
  const std::string group = "The intent";
  const auto option = [&](const char* name, auto& value, const std::string& text,
                          const char* type) {
    return command.add_option(name, value, text)->type_name(type)->group(group);
  };
  option("TARGET", target, "Where to: a URL or a path", "");
  option("--purpose", purpose, "What is meant: " + OneOf<v1::Purpose>(), "PURPOSE");
  option("--intent", intent_name, "An intent of the policy, instead of --purpose", "NAME");
  option("--param", parameters, "Value of a {placeholder} of the target. Repeatable", "NAME=VALUE")
      ->allow_extra_args(false);
  option("--trust", trust, "Who chose the target: end_user, caller; default: end_user", "TRUST");
  option("--allow-host", allowed_hosts, "A host that the target may name. Repeatable", "HOST")
      ->allow_extra_args(false);
  option("--client", client, "Who asks, if not read from the fields: " + OneOf<v1::ClientKind>(),
         "KIND");
  option("--flash", flash, "A message for the next page, in a cookie", "TEXT");
  option("--permanence", permanence, "canonical_url, https_upgrade: " + OneOf<v1::Permanence>(),
         "PERMANENCE");
  option("--pin", pinned_status, "The status code that a contract promises", "STATUS");
  option("--state", state, "operation_result: " + OneOf<v1::OperationState>(), "STATE");
  option("--retry-after", retry_after, "When to ask again", "SECONDS");
  command
      .add_flag("--explain", explain,
                "Show the rules that were tried, what the code means, and "
                "what each known client would do")
      ->group("The answer");
  AddNow(command, now);
}

bool DecideFlags::Ask(v1::DecideRequest& out, v1::Error& error) const {
  Reader reader(error);
  reader.Request(request, *out.mutable_request());
  if (!intent_name.empty()) out.set_intent_name(reader.Text(intent_name, "intent_name"));
  reader.Parameters(parameters, *out.mutable_parameters());
  if (!now.empty()) *out.mutable_now() = reader.Instant(now, "now");
  out.set_explain(explain);

  v1::Intent intent;
  intent.set_purpose(reader.Name<v1::Purpose>(purpose, "intent.purpose"));
  intent.set_target(reader.Text(target, "intent.target"));
  intent.set_permanence(reader.Name<v1::Permanence>(permanence, "intent.permanence"));
  intent.set_pinned_status(pinned_status);
  if (!flash.empty()) intent.mutable_flash()->set_text(reader.Text(flash, "intent.flash.text"));
  intent.set_client(reader.Name<v1::ClientKind>(client, "intent.client"));
  intent.set_trust(reader.Name<v1::Trust>(trust, "intent.trust"));
  for (const auto& host : allowed_hosts) {
    intent.add_allowed_hosts(reader.Text(host, "intent.allowed_hosts"));
  }
  intent.set_operation_state(reader.Name<v1::OperationState>(state, "intent.operation_state"));
  if (!retry_after.empty()) {
    *intent.mutable_retry_after() = reader.Seconds(retry_after, "intent.retry_after");
  }
  if (intent.ByteSizeLong() > 0) {
    if (!intent_name.empty()) {
      reader.Fault("intent_name", "the policy has the whole intent: expected nothing beside it");
    }
    *out.mutable_intent() = intent;
  }
  return reader.Finish();
}

void FollowFlags::AddTo(CLI::App& command) {
  AddRequestFlags(command, request);
  const std::string group = "The response";
  command.add_option("--status", status, "Its status code")->type_name("STATUS")->group(group);
  command.add_option("--location", location, "Its Location field")->type_name("URL")->group(group);
  command.add_option("--response-header", response_headers, "Another of its fields. Repeatable")
      ->allow_extra_args(false)
      ->type_name("'NAME: VALUE'")
      ->group(group);
  command
      .add_option("--profile", profile,
                  "Whose rules; default: strict. One of " + OneOf<v1::Profile>())
      ->type_name("PROFILE")
      ->group("The answer");
  AddNow(command, now);
}

bool FollowFlags::Ask(v1::FollowRequest& out, v1::Error& error) const {
  Reader reader(error);
  reader.Request(request, *out.mutable_request());
  out.mutable_response()->set_status(status);
  if (location) {
    v1::Header& header = *out.mutable_response()->add_headers();
    header.set_name("Location");
    SetValue(header, *location);
  }
  reader.Fields(response_headers, "response.headers", *out.mutable_response()->mutable_headers());
  if (!profile.empty()) {
    out.mutable_options()->set_profile(reader.Name<v1::Profile>(profile, "options.profile"));
  }
  if (!now.empty()) *out.mutable_now() = reader.Instant(now, "now");
  return reader.Finish();
}

}  // namespace fingerpost::cli

#include "questions.h"

#include <google/protobuf/util/time_util.h>

#include <random>

#include "flag_reader.h"

namespace fingerpost::cli {
namespace {

using google::protobuf::util::TimeUtil;

void ReadRequest(const RequestFlags& flags, FlagReader& reader, v1::HttpRequest& out) {
  out.set_method(reader.Text(flags.method, "request.method"));
  if (!flags.url.empty()) out.set_url(reader.Text(flags.url, "request.url"));
  out.set_protocol(reader.Name<v1::Protocol>(flags.protocol, "request.protocol"));
  reader.Fields(flags.headers, "request.headers", *out.mutable_headers());
  out.set_body(reader.Name<v1::Body>(flags.body, "request.body"));
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
                  "HTTP version: " + NamesOf<v1::Protocol>() + ", or as in HTTP/1.0")
      ->type_name("VERSION")
      ->group(group);
  command.add_option("--body", flags.body, "Whether it has content: " + NamesOf<v1::Body>())
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
  option("--purpose", purpose, "What is meant: " + NamesOf<v1::Purpose>(), "PURPOSE");
  option("--intent", intent_name, "An intent of the policy, instead of --purpose", "NAME");
  option("--param", parameters, "Value of a {placeholder} of the target. Repeatable", "NAME=VALUE")
      ->allow_extra_args(false);
  option("--trust", trust, "Who chose the target: end_user, caller; default: end_user", "TRUST");
  option("--allow-host", allowed_hosts, "A host that the target may name. Repeatable", "HOST")
      ->allow_extra_args(false);
  option("--client", client, "Who asks, if not read from the fields: " + NamesOf<v1::ClientKind>(),
         "KIND");
  option("--flash", flash, "A message for the next page, in a cookie", "TEXT");
  option("--permanence", permanence, "canonical_url, https_upgrade: " + NamesOf<v1::Permanence>(),
         "PERMANENCE");
  option("--pin", pinned_status, "The status code that a contract promises", "STATUS");
  option("--state", state, "operation_result: " + NamesOf<v1::OperationState>(), "STATE");
  option("--retry-after", retry_after, "When to ask again", "SECONDS");
  command
      .add_flag("--explain", explain,
                "Show the rules that were tried, what the code means, and "
                "what each known client would do")
      ->group("The answer");
  AddNow(command, now);
}

message::Done DecideFlags::Ask(v1::DecideRequest& out) const {
  FlagReader reader;
  ReadRequest(request, reader, *out.mutable_request());
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
  options.AddTo(command);
  AddNow(command, now);
}

message::Done FollowFlags::Ask(v1::FollowRequest& out) const {
  FlagReader reader;
  ReadRequest(request, reader, *out.mutable_request());
  out.mutable_response()->set_status(status);
  if (location) {
    v1::Header& header = *out.mutable_response()->add_headers();
    header.set_name("Location");
    http::SetValue(header, *location);
  }
  reader.Fields(response_headers, "response.headers", *out.mutable_response()->mutable_headers());
  v1::FollowOptions given;
  options.Read(reader, given);
  if (given.ByteSizeLong() > 0) *out.mutable_options() = given;
  if (!now.empty()) *out.mutable_now() = reader.Instant(now, "now");
  return reader.Finish();
}

void FillIn(v1::DecideRequest& question) {
  if (!question.has_now()) *question.mutable_now() = TimeUtil::GetCurrentTime();
  if (!question.has_draw()) question.set_draw(std::random_device{}());
}

void FillIn(v1::FollowRequest& question) {
  if (!question.has_now()) *question.mutable_now() = TimeUtil::GetCurrentTime();
}

}  // namespace fingerpost::cli

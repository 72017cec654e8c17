#include "server/documents.h"

#include <ada.h>
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <utility>

#include "core/http/accept.h"
#include "core/http/fields.h"
#include "fingerpost/v1/policy_service.pb.h"
#include "policy/compiled/selector.h"
#include "policy/load/version_hash.h"
#include "server/http/error.h"
#include "server/http/tags.h"
#include "server/openapi.h"

namespace fingerpost {
namespace {

using policy::compiled::Selector;

constexpr std::string_view kPolicyPath = "/v1/policy";
constexpr std::string_view kOpenApiPath = "/v1/openapi.json";
constexpr std::string_view kJson = "application/json";
// The registered name, and the one that is older and more common.
constexpr std::array<std::string_view, 2> kProtobuf = {"application/protobuf",
                                                       "application/x-protobuf"};

// The name of protobuf's octets that Accept prefers to JSON; "" for JSON.
std::string_view ProtobufType(const HttpCall& call) {
  http::Headers fields;
  call.each_field([&fields](std::string_view name, std::string_view value) {
    if (!http::EqualsIgnoreCase(name, http::kAccept)) return;
    v1::Header& field = *fields.Add();
    field.set_name(std::string(name));
    http::SetValue(field, value);
  });
  if (http::ReadAccept(fields).names_json) return {};
  for (const std::string_view type : kProtobuf) {
    if (http::NamesMediaType(fields, type)) return type;
  }
  return {};
}

// Whether any line of If-None-Match names the tag.
bool IsKnown(const HttpCall& call, std::string_view tag) {
  bool is_known = false;
  call.each_field([&](std::string_view name, std::string_view value) {
    is_known = is_known || (http::EqualsIgnoreCase(name, "If-None-Match") && NamesTag(value, tag));
  });
  return is_known;
}

std::string Quoted(std::string_view tag) { return fmt::format("\"{}\"", tag); }

// "host=shop.example.com&intent=order-placed", each as often as needed.
message::Result<Selector, v1::Error> ReadSelector(std::string_view query) {
  v1::PolicySelector asked;
  message::Faults faults;
  const ada::url_search_params parameters(query);
  for (const auto& [name, value] : parameters) {
    if (name == "host") {
      asked.add_hosts(value);
    } else if (name == "intent") {
      asked.add_intents(value);
    } else {
      faults.Error("query", "has a parameter that is neither host nor intent; correct its name");
    }
  }
  Selector selector(asked, "host", "intent", faults);
  if (!faults.empty()) return message::Unexpected(ToError(faults));
  return selector;
}

// Without Access-Control-Allow-Origin, so that no web page of another origin reads it.
HttpAnswer Unwritten(std::string_view type, const std::string& tag) {
  return {.type = std::string(type), .fields = {{"ETag", tag}, {"Cache-Control", "no-cache"}}};
}

}  // namespace

Documents::Documents(PolicyNews& news, const Settings& settings, const HttpReport::To& report)
    : news_(news),
      report_(report),
      callers_(settings.allow_caller),
      openapi_(fingerpost::OpenApi(settings)),
      openapi_tag_(Quoted(policy::load::VersionHash(std::array<std::string_view, 1>{openapi_}))) {}

bool Documents::Has(std::string_view path) { return path == kPolicyPath || path == kOpenApiPath; }

bool Documents::TakesLong(std::string_view path) { return path == kPolicyPath; }

// A strong tag stands for octets, so each form has its own (RFC 9110 §8.8.1). Each part has a URL
// of its own.
Documents::Result Documents::Policy(const HttpCall& call) const {
  const auto selector = ReadSelector(call.query);
  if (!selector) return message::Unexpected(selector.error());
  const auto policy = news_.Now().policy;
  const std::string_view type = ProtobufType(call);
  const std::string tag = Quoted(policy->version() + (type.empty() ? "" : ".pb"));
  HttpAnswer answer = Unwritten(type.empty() ? kJson : type, tag);
  answer.fields.emplace_back("Vary", http::kAccept);
  if (IsKnown(call, tag)) {
    answer.status = 304;
    return answer;
  }
  const auto text = type.empty() ? policy->Json(*selector) : policy->Octets(*selector);
  answer.held = news_.outgoing().Hold(text);
  if (answer.held == nullptr) return message::Unexpected(OutgoingTexts::NoRoom());
  answer.shared = *text;
  news_.sent_over_http.fetch_add(1, std::memory_order_relaxed);
  return answer;
}

Documents::Result Documents::OpenApi(const HttpCall& call) const {
  HttpAnswer answer = Unwritten(kJson, openapi_tag_);
  if (IsKnown(call, openapi_tag_)) {
    answer.status = 304;
  } else {
    answer.shared = openapi_;
  }
  return answer;
}

HttpAnswer Documents::Answer(const HttpCall& call) const {
  if (call.method != "GET" && call.method != "HEAD") {
    HttpAnswer refusal = HttpError(405, "Expected GET or HEAD.");
    refusal.fields.emplace_back("Allow", kMethods);
    return refusal;
  }
  const bool is_policy = call.path == kPolicyPath;
  const HttpReport report(report_, call,
                          is_policy ? Method::kPolicyOverHttp : Method::kOpenApiOverHttp);
  Result answer = !callers_.AllowsAnyOf(call.caller) ? message::Unexpected(NotAllowed())
                  : is_policy                        ? Policy(call)
                                                     : OpenApi(call);
  report.Finish(v1::WatchPolicyRequest::default_instance(), nullptr,
                answer ? nullptr : &answer.error());
  return answer ? *std::move(answer) : HttpError(answer.error());
}

}  // namespace fingerpost

#include "server/documents.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <utility>

#include "core/http/accept.h"
#include "core/http/fields.h"
#include "policy/load/version_hash.h"
#include "server/http/error.h"
#include "server/http/tags.h"
#include "server/openapi.h"

namespace fingerpost {
namespace {

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

}  // namespace

Documents::Documents(const policy::load::Store& store, const Settings& settings)
    : store_(store),
      callers_(settings.allow_caller),
      openapi_(OpenApi(settings)),
      openapi_tag_(Quoted(policy::load::VersionHash(std::array<std::string_view, 1>{openapi_}))) {}

bool Documents::Has(std::string_view path) { return path == kPolicyPath || path == kOpenApiPath; }

// A strong tag stands for octets, so each form has its own (RFC 9110 §8.8.1).
Documents::Representation Documents::Policy(const HttpCall& call) const {
  const auto snapshot = store_.Get();
  const auto& document = snapshot->document;
  if (const std::string_view type = ProtobufType(call); !type.empty()) {
    return {type, Quoted(snapshot->version + ".pb"), document->octets, document};
  }
  return {kJson, Quoted(snapshot->version), document->json, document};
}

HttpAnswer Documents::Answer(const HttpCall& call) const {
  if (call.method != "GET" && call.method != "HEAD") {
    HttpAnswer refusal = HttpError(405, "Expected GET or HEAD.");
    refusal.fields.emplace_back("Allow", kMethods);
    return refusal;
  }
  if (!callers_.AllowsAnyOf(call.caller)) return HttpError(NotAllowed());
  const bool is_policy = call.path == kPolicyPath;
  Representation is =
      is_policy ? Policy(call) : Representation{kJson, openapi_tag_, openapi_, nullptr};
  // Without Access-Control-Allow-Origin, so that no web page of another origin reads it.
  HttpAnswer answer = {.type = std::string(is.type),
                       .shared = is.content,
                       .fields = {{"ETag", is.tag}, {"Cache-Control", "no-cache"}},
                       .held = std::move(is.held)};
  if (is_policy) answer.fields.emplace_back("Vary", http::kAccept);
  if (IsKnown(call, is.tag)) {
    answer.status = 304;
    answer.shared = {};
  }
  return answer;
}

}  // namespace fingerpost

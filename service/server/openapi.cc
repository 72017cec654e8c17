#include "server/openapi.h"

#include <absl/strings/str_replace.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "policy/document/json_schema.h"
#include "version.h"

namespace fingerpost {
namespace {

using Json = nlohmann::ordered_json;
using Replacements = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kSchemas = "#/components/schemas/";
constexpr std::string_view kPackage = "fingerpost.v1.";

// What stands for the words in braces.
Replacements Words(const Settings& settings) {
  Replacements words = {{"{version}", std::string(kVersion)}};
  for (const Definition& definition : Definitions()) {
    words.emplace_back(fmt::format("{{{}}}", definition.name), Show(definition, settings));
  }
  for (const char* method :
       {"RedirectService.Decide", "RedirectService.Follow", "PolicyService.ReportUsage"}) {
    words.emplace_back(fmt::format("{{{}}}", method),
                       policy::document::MethodComment(std::string(kPackage) + method));
  }
  return words;
}

void Fill(Json& value, const Replacements& words) {
  if (value.is_string()) value = absl::StrReplaceAll(value.get_ref<const std::string&>(), words);
  if (!value.is_structured()) return;
  for (Json& member : value) Fill(member, words);
}

// The messages that are referred to, in any order.
void CollectMessages(const Json& value, const Json& known, std::vector<std::string>& messages) {
  if (!value.is_structured()) return;
  for (const auto& [key, member] : value.items()) {
    CollectMessages(member, known, messages);
    if (key != "$ref") continue;
    const auto& reference = member.get_ref<const std::string&>();
    if (!reference.starts_with(kSchemas)) continue;
    const std::string name = reference.substr(kSchemas.size());
    if (!known.contains(name)) messages.push_back(std::string(kPackage) + name);
  }
}

}  // namespace

std::string OpenApi(const Settings& settings) {
  Json document = Json::parse(server::kOpenApiFrame);
  Fill(document, Words(settings));
  Json& schemas = document["components"]["schemas"];
  std::vector<std::string> messages;
  CollectMessages(document, schemas, messages);
  schemas.update(Json::parse(policy::document::JsonComponents(messages)));
  return document.dump() + '\n';
}

}  // namespace fingerpost

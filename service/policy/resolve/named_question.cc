#include "policy/resolve/named_question.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "core/decide/placeholders.h"
#include "policy/compiled/text_placeholders.h"

namespace fingerpost::policy::resolve {
namespace {

constexpr size_t kMaxNameShown = 64;

}  // namespace

void CheckDeclaredParameters(const compiled::NamedIntent& intent, const v1::DecideRequest& request,
                             message::Violations& violations) {
  std::set<std::string_view> unknown;
  for (const auto& [name, value] : request.parameters()) unknown.insert(name);
  for (const compiled::NamedIntent::Parameter& parameter : intent.parameters) {
    unknown.erase(parameter.name);
    const std::string field = decide::ParameterPath(parameter.name);
    const auto value = request.parameters().find(parameter.name);
    if (value != request.parameters().end()) {
      if (!compiled::IsOfType(parameter.type, value->second)) {
        violations.Add(field, "expected " + std::string(compiled::Describe(parameter.type)));
      }
    } else if (!parameter.default_value) {
      violations.Add(field, "required by the intent; expected " +
                                std::string(compiled::Describe(parameter.type)));
    }
  }
  for (const std::string_view name : unknown) {
    violations.Add(decide::ParameterPath(name.substr(0, kMaxNameShown)),
                   "not a parameter of the intent");
  }
}

NamedQuestion::NamedQuestion(const compiled::NamedIntent& intent, const v1::DecideRequest& request)
    : intent_(intent.intent), request_(request) {
  const bool needs_defaults = std::any_of(
      intent.parameters.begin(), intent.parameters.end(),
      [&](const auto& p) { return p.default_value && !request.parameters().contains(p.name); });
  if (!needs_defaults && !intent.has_texts) return;
  auto& parameters = *own_request_.emplace(request).mutable_parameters();
  for (const compiled::NamedIntent::Parameter& parameter : intent.parameters) {
    // insert keeps one that is given.
    if (parameter.default_value) parameters.insert({parameter.name, *parameter.default_value});
  }
  if (!intent.has_texts) return;
  compiled::FillTexts([&](std::string_view name) { return parameters.at(std::string(name)); },
                      own_intent_.emplace(intent.intent));
  // The core refuses values that no target has.
  for (const std::string& name : intent.in_texts_only) parameters.erase(name);
}

}  // namespace fingerpost::policy::resolve

#include "policy/resolve/named_wish.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/container/btree_set.h"
#include "core/decide/placeholders.h"
#include "policy/compiled/text_placeholders.h"

namespace fingerpost::policy::resolve {

void CheckParameters(const compiled::NamedIntent& intent, const decide::Parameters& parameters,
                     message::Faults& faults) {
  absl::btree_set<std::string_view> unknown;
  for (const auto& [name, value] : parameters) unknown.insert(name);
  for (const compiled::NamedIntent::Parameter& parameter : intent.parameters) {
    unknown.erase(parameter.name);
    const message::Place place = decide::kParametersPlace.QuotedKey(parameter.name);
    const auto value = parameters.find(parameter.name);
    if (value != parameters.end()) {
      if (!compiled::IsOfType(parameter.type, value->second)) {
        faults.Error(place, "expected " + std::string(compiled::Describe(parameter.type)));
      }
    } else if (!parameter.default_value) {
      faults.Error(place, "required by the intent; expected " +
                              std::string(compiled::Describe(parameter.type)));
    }
  }
  for (const std::string_view name : unknown) {
    faults.Error(decide::kParametersPlace.QuotedKey(name), "not a parameter of the intent");
  }
}

void FillIn(const compiled::NamedIntent& intent, const decide::Parameters& parameters,
            decide::Wish& wish) {
  wish.intent.Borrow(intent.intent);
  wish.parameters.Borrow(parameters);
  const bool needs_defaults =
      std::any_of(intent.parameters.begin(), intent.parameters.end(),
                  [&](const auto& p) { return p.default_value && !parameters.contains(p.name); });
  if (!needs_defaults && !intent.has_texts) return;
  decide::Parameters& all = wish.parameters.Own(parameters);
  for (const compiled::NamedIntent::Parameter& parameter : intent.parameters) {
    // insert() keeps an existing value.
    if (parameter.default_value) all.insert({parameter.name, *parameter.default_value});
  }
  if (!intent.has_texts) return;
  compiled::FillTexts([&](std::string_view name) { return all.at(std::string(name)); },
                      wish.intent.Own(intent.intent));
  // The core refuses values that no target uses.
  for (const std::string& name : intent.in_texts_only) all.erase(name);
}

}  // namespace fingerpost::policy::resolve

#include "policy/compiled/named_intent.h"

#include <algorithm>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/strings/ascii.h"
#include "core/decide/intent_targets.h"
#include "core/decide/placeholders.h"
#include "core/http/fields.h"
#include "core/http/percent_encoding.h"
#include "policy/compiled/text_placeholders.h"

namespace fingerpost::policy::compiled {
namespace {

constexpr size_t kMaxText = 4096;  // Half of the longest Location.
constexpr size_t kMaxInteger = 20;
constexpr size_t kMaxSlug = 256;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsInteger(std::string_view value) {
  if (value.size() > kMaxInteger) return false;
  if (value.starts_with('-')) value.remove_prefix(1);
  return !value.empty() && std::all_of(value.begin(), value.end(), IsDigit);
}

bool IsUuid(std::string_view value) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::equal(
      value.begin(), value.end(), kShape.begin(), kShape.end(), [](char c, char shape) {
        return shape == '-' ? c == '-' : absl::ascii_isxdigit(static_cast<unsigned char>(c));
      });
}

bool IsSlug(std::string_view value) {
  return !value.empty() && value.size() <= kMaxSlug && value != "." && value != ".." &&
         std::all_of(value.begin(), value.end(), http::IsUnreserved);
}

// The placeholders of all targets of the intent.
absl::btree_set<std::string_view> TargetPlaceholders(const v1::Intent& intent) {
  absl::btree_set<std::string_view> names;
  decide::ForEachTarget(intent, {}, [&names](const message::Place&, const std::string& target) {
    std::vector<std::string_view> found;
    decide::CollectPlaceholders(target, found);
    names.insert(found.begin(), found.end());
  });
  return names;
}

}  // namespace

bool IsOfType(v1::ParameterType type, std::string_view value) {
  switch (type) {
    case v1::PARAMETER_TYPE_INTEGER:
      return IsInteger(value);
    case v1::PARAMETER_TYPE_UUID:
      return IsUuid(value);
    case v1::PARAMETER_TYPE_SLUG:
      return IsSlug(value);
    default:
      return value.size() <= kMaxText && !http::HasControl(value);
  }
}

std::string_view Describe(v1::ParameterType type) {
  switch (type) {
    case v1::PARAMETER_TYPE_INTEGER:
      return "decimal digits, at most 20 octets";
    case v1::PARAMETER_TYPE_UUID:
      return "a UUID of 8-4-4-4-12 hexadecimal digits";
    case v1::PARAMETER_TYPE_SLUG:
      return "letters, digits, \"-\", \"_\", \".\" and \"~\", at most 256";
    default:
      return "text of at most 4096 octets without controls";
  }
}

NamedIntent CompileNamedIntent(const v1::NamedIntent& named, const message::Place& at,
                               message::Faults& faults) {
  NamedIntent compiled;
  compiled.intent = named.intent();
  compiled.intent.set_trust(v1::TRUST_POLICY);
  const message::Place intent = at["intent"];
  CheckTexts(named.intent(), intent, faults);
  decide::ForEachTarget(named.intent(), intent,
                        [&](const message::Place& place, const std::string& target) {
                          const std::string misplaced = decide::MisplacedPlaceholder(target);
                          if (!misplaced.empty()) faults.Error(place, misplaced);
                        });
  absl::btree_set<std::string_view> placeholders = TargetPlaceholders(named.intent());
  for (const std::string_view name : TextPlaceholders(named.intent())) {
    compiled.has_texts = true;
    if (placeholders.insert(name).second) compiled.in_texts_only.emplace_back(name);
  }
  const message::Place parameters = at["parameters"];
  for (const std::string_view name : placeholders) {
    const auto spec = named.parameters().find(std::string(name));
    if (spec == named.parameters().end()) {
      compiled.parameters.push_back({std::string(name), v1::PARAMETER_TYPE_TEXT, std::nullopt});
      continue;
    }
    const v1::ParameterSpec& is = spec->second;
    const message::Place parameter = parameters.Key(name);
    if (is.has_default_value() && !IsOfType(is.type(), is.default_value())) {
      faults.Error(parameter["default_value"],
                   "is not of the parameter's type; expected " + std::string(Describe(is.type())));
    }
    compiled.parameters.push_back(
        {std::string(name), is.type(),
         is.has_default_value() ? std::optional(is.default_value()) : std::nullopt});
  }
  for (const auto& [name, spec] : named.parameters()) {
    if (placeholders.contains(name)) continue;
    faults.Error(parameters.Key(name),
                 "is in no target and no text; write {" + name + "} into the target or remove it");
  }
  return compiled;
}

}  // namespace fingerpost::policy::compiled

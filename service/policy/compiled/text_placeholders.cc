#include "policy/compiled/text_placeholders.h"

#include "core/decide/placeholders.h"

namespace fingerpost::policy::compiled {
namespace {

// Each text and its place; the intent stands at `at`.
template <typename Visit>
void ForEachText(const v1::Intent& intent, const message::Place& at, Visit visit) {
  if (intent.has_flash()) visit(at["flash.text"], intent.flash().text());
  const message::Place parameters = at["response_parameters"];
  for (int i = 0; i < intent.response_parameters_size(); ++i) {
    visit(parameters.Element(i, "value"), intent.response_parameters(i).value());
  }
}

// Whether `name`, a part of `text`, is written as "{+name}".
bool HasPlus(std::string_view text, std::string_view name) {
  return text[static_cast<size_t>(name.data() - text.data()) - 1] == '+';
}

std::string Filled(std::string_view text,
                   absl::FunctionRef<std::string(std::string_view name)> value) {
  std::vector<std::string_view> names;
  decide::CollectPlaceholders(text, names);
  std::string out;
  size_t done = 0;
  for (const std::string_view name : names) {
    const auto begin = static_cast<size_t>(name.data() - text.data()) - 1;  // Of "{".
    out += text.substr(done, begin - done);
    out += value(name);
    done = begin + 1 + name.size() + 1;
  }
  return out += text.substr(done);
}

}  // namespace

std::vector<std::string_view> TextPlaceholders(const v1::Intent& intent) {
  std::vector<std::string_view> names;
  ForEachText(intent, {}, [&](const message::Place&, const std::string& text) {
    decide::CollectPlaceholders(text, names);
  });
  return names;
}

void CheckTexts(const v1::Intent& intent, const message::Place& at, message::Faults& faults) {
  ForEachText(intent, at, [&](const message::Place& place, const std::string& text) {
    std::vector<std::string_view> names;
    decide::CollectPlaceholders(text, names);
    for (const std::string_view name : names) {
      if (!HasPlus(text, name)) continue;
      faults.Error(place, "\"{+name}\" can stand in the path of a target only; write {" +
                              std::string(name) + "}");
      return;
    }
  });
}

void FillTexts(absl::FunctionRef<std::string(std::string_view name)> value, v1::Intent& intent) {
  if (intent.has_flash()) {
    intent.mutable_flash()->set_text(Filled(intent.flash().text(), value));
  }
  for (v1::Parameter& parameter : *intent.mutable_response_parameters()) {
    parameter.set_value(Filled(parameter.value(), value));
  }
}

}  // namespace fingerpost::policy::compiled

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

std::string Filled(std::string_view text,
                   absl::FunctionRef<std::string(std::string_view name)> value) {
  std::string out;
  size_t done = 0;
  for (auto at = decide::NextPlaceholder(text, 0); at.begin != text.npos;
       at = decide::NextPlaceholder(text, done)) {
    out += text.substr(done, at.begin - done);
    std::string filled = value(at.name);
    if (at.lower) decide::LowerValue(decide::ValueKind::kParameter, filled);
    out += filled;
    done = at.end;
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

void CheckTransformations(std::string_view text, const message::Place& at,
                          message::Faults& faults) {
  const std::string_view unknown = decide::UnknownTransformation(text);
  if (unknown.empty()) return;
  faults.Error(at, '"' + std::string(unknown) +
                       "\" is no placeholder: the only transformation is \"lower\"; write "
                       "\"{name|lower}\", or \"%7B\" and \"%7D\" for braces");
}

void CheckTexts(const v1::Intent& intent, const message::Place& at, message::Faults& faults) {
  ForEachText(intent, at, [&](const message::Place& place, const std::string& text) {
    CheckTransformations(text, place, faults);
    for (auto one = decide::NextPlaceholder(text, 0); one.begin != text.npos;
         one = decide::NextPlaceholder(text, one.end)) {
      if (!one.keeps_slashes) continue;
      faults.Error(place, "\"{+name}\" can stand in the path of a target only; write {" +
                              std::string(one.name) + "}");
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

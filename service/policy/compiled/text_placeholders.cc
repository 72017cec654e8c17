#include "policy/compiled/text_placeholders.h"

#include "core/decide/placeholders.h"

namespace fingerpost::policy::compiled {
namespace {

// Each text and its path from the intent.
template <typename Visit>
void ForEachText(const v1::Intent& intent, Visit visit) {
  if (intent.has_flash()) visit("flash.text", intent.flash().text());
  for (int i = 0; i < intent.response_parameters_size(); ++i) {
    visit(document::ElementPath("response_parameters", i) + ".value",
          intent.response_parameters(i).value());
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
  ForEachText(intent, [&](std::string_view /*field*/, const std::string& text) {
    decide::CollectPlaceholders(text, names);
  });
  return names;
}

void CheckTexts(const v1::Intent& intent, const std::string& at, document::Reporter& reporter) {
  ForEachText(intent, [&](std::string_view field, const std::string& text) {
    std::vector<std::string_view> names;
    decide::CollectPlaceholders(text, names);
    for (const std::string_view name : names) {
      if (!HasPlus(text, name)) continue;
      reporter.Error(
          at + '.' + std::string(field),
          "\"{+name}\" can stand in the path of a target only; write {" + std::string(name) + "}");
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

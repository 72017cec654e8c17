#include "policy/compiled/value_condition.h"

namespace fingerpost::policy::compiled {
ValueCondition::ValueCondition(const v1::ValueMatch& match, const message::Place& at,
                               RegexCompiler& regexes, message::Faults& faults)
    : match_(match) {
  if (match.name().empty()) faults.Error(at["name"], "is missing; name what is looked at");
  if (match.test_case() == v1::ValueMatch::kRegex) {
    regex_ = regexes.Compile(match.regex(), at["regex"], faults);
  }
}

bool ValueCondition::Holds(std::optional<std::string_view> value) const {
  switch (match_.test_case()) {
    case v1::ValueMatch::kEquals:
      return value == match_.equals();
    case v1::ValueMatch::kPrefix:
      return value && value->starts_with(match_.prefix());
    case v1::ValueMatch::kRegex:
      // Lint also asks rules with faults.
      return value && regex_ != nullptr &&
             RE2::FullMatch(re2::StringPiece(value->data(), value->size()), *regex_);
    case v1::ValueMatch::kPresent:
      return value.has_value() == match_.present();
    case v1::ValueMatch::TEST_NOT_SET:
      break;
  }
  return value.has_value();
}

}  // namespace fingerpost::policy::compiled

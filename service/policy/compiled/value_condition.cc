#include "policy/compiled/value_condition.h"

namespace fingerpost::policy::compiled {
ValueCondition::ValueCondition(const v1::ValueMatch& match, const std::string& path,
                               RegexCompiler& regexes, document::Reporter& reporter)
    : match_(match) {
  if (match.name().empty()) reporter.Error(path + ".name", "is missing; name what is looked at");
  if (match.test_case() == v1::ValueMatch::kRegex) {
    regex_ = regexes.Compile(match.regex(), path + ".regex", reporter);
  }
}

bool ValueCondition::Holds(std::optional<std::string_view> value) const {
  switch (match_.test_case()) {
    case v1::ValueMatch::kEquals:
      return value == match_.equals();
    case v1::ValueMatch::kPrefix:
      return value && value->starts_with(match_.prefix());
    case v1::ValueMatch::kRegex:
      return value && RE2::FullMatch(re2::StringPiece(value->data(), value->size()), *regex_);
    case v1::ValueMatch::kPresent:
      return value.has_value() == match_.present();
    case v1::ValueMatch::TEST_NOT_SET:
      break;
  }
  return value.has_value();
}

}  // namespace fingerpost::policy::compiled

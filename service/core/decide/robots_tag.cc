#include "core/decide/robots_tag.h"

#include <algorithm>
#include <string>

#include "core/http/fields.h"

namespace fingerpost::decide {
namespace {

// "noindex": the value's name without its prefix.
std::string DirectiveText(int directive) {
  constexpr std::string_view kPrefix = "ROBOTS_DIRECTIVE_";
  const std::string& name = v1::RobotsDirective_Name(static_cast<v1::RobotsDirective>(directive));
  return http::ToLowerAscii(std::string_view(name).substr(kPrefix.size()));
}

}  // namespace

void CheckRobots(const v1::Intent& intent, const message::Place& at, message::Faults& faults) {
  const auto& robots = intent.robots();
  const message::Place list = at["robots"];
  for (int i = 0; i < robots.size(); ++i) {
    if (robots[i] == v1::ROBOTS_DIRECTIVE_UNSPECIFIED || !v1::RobotsDirective_IsValid(robots[i])) {
      faults.Error(list[i], "not a directive of this version: " + std::to_string(robots[i]));
    } else if (std::find(robots.begin(), robots.begin() + i, robots[i]) != robots.begin() + i) {
      faults.Error(list[i], "is there twice");
    }
    // There are few directives, so more of them are repetitions.
    if (i > v1::RobotsDirective_MAX) return;
  }
}

void WriteRobots(const Question& question, AnswerWriter& answer) {
  const auto& robots = question.intent.robots();
  if (robots.empty()) return;
  if (!question.request.page) {
    answer.Warn(v1::WARNING_CODE_MODIFIER_IGNORED, "robots, because crawlers send GET and HEAD");
    return;
  }
  std::string& value = answer.Field(kRobotsTag);
  for (const int directive : robots) {
    if (!value.empty()) value += ", ";
    value += DirectiveText(directive);
  }
}

}  // namespace fingerpost::decide

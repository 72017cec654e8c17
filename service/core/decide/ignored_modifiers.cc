#include "core/decide/ignored_modifiers.h"

#include <array>
#include <cstdint>

#include "core/decide/intent_faults.h"

namespace fingerpost::decide {
namespace {

using Purposes = uint32_t;

template <typename... Purpose>
constexpr Purposes Only(Purpose... purposes) {
  return ((Purposes{1} << purposes) | ...);
}
constexpr Purposes kAll = ~Purposes{0};
constexpr Purposes kTargetless = [] {
  Purposes all = 0;
  for (int purpose = 0; purpose < v1::Purpose_ARRAYSIZE; ++purpose) {
    if (!HasTarget(static_cast<v1::Purpose>(purpose))) all |= Purposes{1} << purpose;
  }
  return all;
}();

struct Modifier {
  std::string_view name;
  bool (*is_set)(const Question& question);
  Purposes purposes;
};

constexpr std::array<Modifier, 14> kModifiers = {{
    {"target",
     [](const Question& q) {
       return !q.WrittenTarget().empty() && q.intent.operation_state() != v1::OPERATION_STATE_DONE;
     },
     kAll & ~Only(v1::PURPOSE_OPERATION_RESULT)},
    {"permanence",
     [](const Question& q) { return q.intent.permanence() != v1::PERMANENCE_UNSPECIFIED; },
     Only(v1::PURPOSE_CANONICAL_URL, v1::PURPOSE_HTTPS_UPGRADE)},
    {"query", [](const Question& q) { return q.intent.has_query(); },
     kAll & ~kTargetless & ~Only(v1::PURPOSE_AUTHORIZATION_RESPONSE)},
    {"redirect_uris", [](const Question& q) { return !q.intent.redirect_uris().empty(); },
     Only(v1::PURPOSE_AUTHORIZATION_RESPONSE)},
    {"response_parameters",
     [](const Question& q) { return !q.intent.response_parameters().empty(); },
     Only(v1::PURPOSE_AUTHORIZATION_RESPONSE)},
    {"response_mode",
     [](const Question& q) { return q.intent.response_mode() != v1::RESPONSE_MODE_UNSPECIFIED; },
     Only(v1::PURPOSE_AUTHORIZATION_RESPONSE)},
    {"prefer_see_other", [](const Question& q) { return q.intent.prefer_see_other(); },
     Only(v1::PURPOSE_RESOURCE_CREATED)},
    {"operation_state",
     [](const Question& q) {
       return q.intent.operation_state() != v1::OPERATION_STATE_UNSPECIFIED;
     },
     Only(v1::PURPOSE_OPERATION_RESULT)},
    {"challenge", [](const Question& q) { return !q.intent.challenge().empty(); },
     Only(v1::PURPOSE_LOGIN_REQUIRED)},
    {"alternatives", [](const Question& q) { return !q.intent.alternatives().empty(); },
     Only(v1::PURPOSE_CHOICES)},
    {"fallback_target", [](const Question& q) { return !q.intent.fallback_target().empty(); },
     kAll & ~kTargetless & ~Only(v1::PURPOSE_CHOICES)},
    {"full_page_load", [](const Question& q) { return q.intent.full_page_load(); },
     kAll & ~kTargetless & ~Only(v1::PURPOSE_OPERATION_ACCEPTED, v1::PURPOSE_CHOICES)},
    {"sticky_key",
     [](const Question& q) {
       return q.intent.has_sticky_key() && q.intent.weighted_targets().empty();
     },
     0},
    {"retry_after",
     [](const Question& q) {
       return q.intent.has_retry_after() &&
              (q.intent.purpose() != v1::PURPOSE_OPERATION_RESULT ||
               q.intent.operation_state() == v1::OPERATION_STATE_PENDING);
     },
     Only(v1::PURPOSE_OPERATION_ACCEPTED, v1::PURPOSE_OPERATION_RESULT,
          v1::PURPOSE_TEMPORARY_MOVE)},
}};

}  // namespace

void WarnOfIgnoredModifiers(const Question& question, AnswerWriter& answer) {
  const Purposes purpose = Purposes{1} << question.intent.purpose();
  for (const Modifier& modifier : kModifiers) {
    if ((modifier.purposes & purpose) == 0 && modifier.is_set(question)) {
      answer.Warn(v1::WARNING_CODE_MODIFIER_IGNORED, modifier.name);
    }
  }
}

}  // namespace fingerpost::decide

#include "core/decide/pass.h"

#include "core/decide/caching.h"
#include "core/decide/sticky_key.h"
#include "core/decide/warnings.h"

namespace fingerpost::decide {
namespace {

constexpr Ruling kNoMatch{
    v1::REASON_CODE_NO_MATCH, "No rule and no map entry of the policy matches the request.", {}};
constexpr Ruling kPass{
    v1::REASON_CODE_NO_MATCH, "A rule of the policy leaves the request alone.", {}};
constexpr Ruling kShadow{v1::REASON_CODE_SHADOW, "The rule that matches is in shadow mode.", {}};

Ruling RulingOf(const Wish& wish) {
  if (!wish.pass) return wish.shadow_rules.empty() ? kNoMatch : kShadow;
  return wish.pass->empty() ? kPass : Ruling{kPass.code, *wish.pass, kPass.citations};
}

}  // namespace

void PassUnmatched(const Question& question, AnswerWriter& answer) {
  // Another rule takes over then.
  if (question.wish.until) *answer.out().mutable_now() = question.asked.now();
  answer.Outcome(v1::OUTCOME_PASS, RulingOf(question.wish));
  WarnOfForwardedProto(question, answer);
  WritePassFields(question, answer);
}

void WritePassFields(const Question& question, AnswerWriter& answer) {
  const LookedAt& looked_at = question.wish.looked_at;
  // The backend's response carries the drawn key, which a shared cache would give to everybody.
  if (!looked_at.assigned.empty()) answer.Field(kCacheControl, "private");
  WriteVary(looked_at.fields, answer);  // In the order of the rules.
  WriteAssigned(question, 0, answer);
}

}  // namespace fingerpost::decide

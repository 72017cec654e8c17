#include "policy/resolve/resolve.h"

#include <utility>

#include "core/decide/decide.h"
#include "core/decide/question_faults.h"
#include "core/decide/sticky_key.h"
#include "core/message/nearest.h"
#include "core/message/timestamp.h"
#include "core/message/violations.h"
#include "policy/resolve/matching.h"
#include "policy/resolve/named_wish.h"

namespace fingerpost::policy::resolve {
namespace {

void TellUnknown(const compiled::Snapshot& snapshot, const std::string& name, v1::Error& error) {
  constexpr size_t kShown = 64;
  message::Nearest nearest(name);
  for (const auto& [known, intent] : snapshot.intents) nearest.Offer(known);
  std::string hint;
  if (snapshot.intents.empty()) hint = "; it has none at all";
  if (!nearest.Best().empty()) hint = "; did you mean " + nearest.Best() + "?";
  error.set_code("NOT_FOUND");
  error.set_reason(v1::ERROR_REASON_UNKNOWN_INTENT);
  error.set_message("the policy has no intent of that name" + hint);
  v1::FieldViolation& violation = *error.add_violations();
  violation.set_field("intent_name");
  violation.set_description("unknown: " + name.substr(0, kShown) + hint);
}

// False: the error is complete.
bool ResolveName(const compiled::Snapshot& snapshot, const v1::DecideRequest& asked,
                 message::Violations& violations, decide::Wish& wish) {
  const auto found = snapshot.intents.find(std::string_view(asked.intent_name()));
  if (found == snapshot.intents.end()) {
    decide::CheckParameters(asked.parameters(), violations);
    message::CheckNow(asked, violations);
    if (violations.Finish()) TellUnknown(snapshot, asked.intent_name(), violations.error());
    return false;
  }
  const int faults = violations.size();
  CheckParameters(found->second, asked.parameters(), violations);
  if (violations.size() != faults) {
    message::CheckNow(asked, violations);
    return violations.Finish();
  }
  wish.rule = found->first;
  if (wish.defaults.has_query()) wish.query = &wish.defaults.query();
  FillIn(found->second, asked.parameters(), wish);
  return true;
}

std::optional<decide::Wish> ResolveByRules(const compiled::Snapshot& snapshot,
                                           const compiled::Subject& subject,
                                           message::Violations& violations) {
  const v1::DecideRequest& asked = subject.asked();
  http::RequireUrl(
      subject.request(),
      "required without intent and intent_name: the policy's rules are matched against it",
      violations);
  decide::CheckParameters(asked.parameters(), violations);
  message::CheckNow(asked, violations);
  if (!violations.Finish()) return std::nullopt;
  decide::Wish wish = Match(snapshot, subject);
  if (!wish.looked_at.assigned.empty() && !asked.has_draw())
    violations.Add("draw", decide::kDrawExpected);
  if (!violations.Finish()) return std::nullopt;
  return wish;
}

}  // namespace

std::optional<decide::Wish> Resolve(const compiled::Snapshot& snapshot,
                                    const compiled::Subject& subject,
                                    message::Violations& violations) {
  const v1::DecideRequest& asked = subject.asked();
  if (asked.wish_case() == v1::DecideRequest::WISH_NOT_SET) {
    return ResolveByRules(snapshot, subject, violations);
  }
  const v1::Defaults& defaults = snapshot.defaults_of.empty()
                                     ? snapshot.defaults.front()
                                     : compiled::DefaultsOf(snapshot, subject.hosts());
  std::optional<decide::Wish> wish(std::in_place, defaults, snapshot.version);
  if (asked.has_intent()) {
    decide::SpellOut(asked, *wish);
  } else if (!ResolveName(snapshot, asked, violations, *wish)) {
    wish.reset();
  }
  return wish;
}

bool Decide(const compiled::Snapshot& snapshot, const v1::DecideRequest& asked,
            v1::DecideResponse& answer, v1::Error& error, const http::RequestLimits& limits) {
  error.Clear();
  message::Violations violations(error);
  const http::Request request = http::ReadRequest(asked.request(), limits, violations);
  const compiled::Subject subject(asked, request, snapshot.hosts);
  const std::optional<decide::Wish> wish = Resolve(snapshot, subject, violations);
  return wish && decide::Decide(asked, request, *wish, violations, answer);
}

}  // namespace fingerpost::policy::resolve

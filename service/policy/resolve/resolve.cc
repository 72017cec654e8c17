#include "policy/resolve/resolve.h"

#include <utility>

#include "core/decide/decide.h"
#include "core/decide/question_faults.h"
#include "core/decide/sticky_key.h"
#include "core/message/faults.h"
#include "core/message/nearest.h"
#include "core/message/omitted.h"
#include "core/message/timestamp.h"
#include "policy/resolve/elsewhere.h"
#include "policy/resolve/matching.h"
#include "policy/resolve/named_wish.h"

namespace fingerpost::policy::resolve {
namespace {

using Resolved = message::Result<decide::Wish, v1::Error>;

v1::Error Unknown(const compiled::Snapshot& snapshot, const std::string& name) {
  constexpr size_t kShown = 64;
  message::Nearest nearest(name);
  for (const auto& [known, intent] : snapshot.intents) nearest.Offer(known);
  std::string hint;
  if (snapshot.intents.empty()) hint = "; it has none at all";
  if (!nearest.Best().empty()) hint = "; did you mean " + nearest.Best() + "?";
  v1::Error error;
  error.set_code("NOT_FOUND");
  error.set_reason(v1::ERROR_REASON_UNKNOWN_INTENT);
  error.set_message("the policy has no intent of that name" + hint);
  v1::FieldViolation& violation = *error.add_violations();
  violation.set_field("intent_name");
  violation.set_description("unknown: " + name.substr(0, kShown) + hint);
  return error;
}

// The fields after the wish, so that faults come in the order of the fields.
void CheckTail(const v1::DecideRequest& asked, message::Faults& faults) {
  message::CheckNow(asked, faults);
  message::CheckOmit(asked.omit(), faults);
}

Resolved ResolveIntent(const v1::DecideRequest& asked, const v1::Defaults& defaults,
                       std::string_view version) {
  Resolved wish(message::in_place, defaults, version);
  decide::SpellOut(asked, *wish);
  return wish;
}

Resolved NamedWish(const std::string& name, const compiled::NamedIntent& named,
                   const decide::Parameters& parameters, const v1::Defaults& defaults,
                   std::string_view version) {
  Resolved wish(message::in_place, defaults, version);
  wish->rule = name;
  if (defaults.has_query()) wish->query = &defaults.query();
  FillIn(named, parameters, *wish);
  return wish;
}

Resolved ResolveName(const compiled::Snapshot& snapshot, const v1::DecideRequest& asked,
                     const v1::Defaults& defaults, message::Faults& faults, Matched* matched) {
  const auto found = snapshot.intents.find(std::string_view(asked.intent_name()));
  if (found == snapshot.intents.end() && !snapshot.scope.has_intents()) {
    return message::Unexpected(AskTheService("intent_name", "is not in this part of the policy"));
  }
  if (found == snapshot.intents.end()) {
    decide::CheckParameters(asked.parameters(), faults);
    CheckTail(asked, faults);
    return message::Unexpected(faults.empty() ? Unknown(snapshot, asked.intent_name())
                                              : ToError(faults));
  }
  const size_t before = faults.errors();
  CheckParameters(found->second, asked.parameters(), faults);
  if (faults.errors() != before) {
    CheckTail(asked, faults);
    return message::Unexpected(ToError(faults));
  }
  if (matched != nullptr) {
    matched->by = Matched::By::kIntent;
    matched->intent = &found->second;
  }
  return NamedWish(found->first, found->second, asked.parameters(), defaults, snapshot.version);
}

Resolved ResolveByRules(const compiled::Snapshot& snapshot, const compiled::Subject& subject,
                        message::Faults& faults, Matched* matched) {
  const v1::DecideRequest& asked = subject.asked();
  http::RequireUrl(
      subject.request(),
      "required without intent and intent_name: the policy's rules are matched against it", faults);
  decide::CheckParameters(asked.parameters(), faults);
  CheckTail(asked, faults);
  if (!faults.empty()) return message::Unexpected(ToError(faults));
  auto wish = Match(snapshot, subject, matched);
  if (!wish) {
    return message::Unexpected(
        AskTheService("request.url",
                      "may be for rules or rows that are not in this part of the "
                      "policy"));
  }
  if (!wish->looked_at.assigned.empty() && !asked.has_draw())
    faults.Error("draw", decide::kDrawExpected);
  if (!faults.empty()) return message::Unexpected(ToError(faults));
  return *std::move(wish);
}

}  // namespace

message::Result<decide::Wish, v1::Error> Resolve(const compiled::Snapshot& snapshot,
                                                 const compiled::Subject& subject,
                                                 message::Faults& faults, Matched* matched) {
  const v1::DecideRequest& asked = subject.asked();
  const http::Url* url = subject.request().url();
  if (url != nullptr && !snapshot.scope.HasHost(url->get_hostname())) {
    return message::Unexpected(
        AskTheService("request.url", "is for a host that is not in this part of the policy"));
  }
  if (asked.wish_case() == v1::DecideRequest::WISH_NOT_SET) {
    return ResolveByRules(snapshot, subject, faults, matched);
  }
  const v1::Defaults& defaults = snapshot.defaults_of.empty()
                                     ? snapshot.defaults.front()
                                     : compiled::DefaultsOf(snapshot, subject.hosts());
  return asked.has_intent() ? ResolveIntent(asked, defaults, snapshot.version)
                            : ResolveName(snapshot, asked, defaults, faults, matched);
}

message::Done Decide(const compiled::Snapshot& snapshot, const v1::DecideRequest& asked,
                     v1::DecideResponse& answer, const http::RequestLimits& limits,
                     Matched* matched) {
  message::Faults faults;
  const http::Request request = http::ReadRequest(asked.request(), limits, faults);
  const compiled::Subject subject(asked, request, snapshot.hosts);
  auto wish = Resolve(snapshot, subject, faults, matched);
  if (!wish) return message::Unexpected(std::move(wish).error());
  return decide::Decide(asked, request, *wish, faults, answer);
}

}  // namespace fingerpost::policy::resolve

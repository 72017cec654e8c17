#include "core/decide/weights.h"
#include "policy/compiled/places.h"
#include "policy/lint/lint.h"

namespace fingerpost::policy::lint {
namespace {

// Whether every matching request sends the cookie.
bool AsksFor(const v1::Match& match, const std::string& cookie) {
  for (const v1::ValueMatch& test : match.cookies()) {
    if (test.name() == cookie && (test.test_case() != v1::ValueMatch::kPresent || test.present())) {
      return true;
    }
  }
  return false;
}

bool IsLacking(const v1::StickyKey& key, const v1::Match& match) {
  return key.has_cookie() && !key.has_assign() && !AsksFor(match, key.cookie());
}

void Warn(const message::Place& at, const v1::StickyKey& key, const std::string& side,
          message::Faults& faults) {
  faults.Warning(at, "a client without the cookie \"" + key.cookie() + "\" " + side +
                         "; let the answer assign it, such as assign: {max_age: 2592000s}, or "
                         "ask for it in match.cookies");
}

void LintShare(const v1::Rule& rule, const message::Place& at, message::Faults& faults) {
  const v1::Share& share = rule.match().share();
  constexpr double kAll = 100;
  if (!rule.match().has_share() || share.percent() >= kAll) return;
  if (!IsLacking(share.sticky_key(), rule.match())) return;
  const bool in = compiled::IsInShare(rule.id(), "", compiled::ShareThreshold(share));
  Warn(at["match.share.sticky_key"], share.sticky_key(),
       in ? "is always in the share" : "is never in the share", faults);
}

void LintWeights(const v1::Intent& intent, const std::string& salt, const v1::Match& match,
                 const message::Place& at, message::Faults& faults) {
  int drawable = 0;
  for (const v1::WeightedTarget& target : intent.weighted_targets()) {
    if (target.weight() > 0) ++drawable;
  }
  if (drawable < 2 || !IsLacking(intent.sticky_key(), match)) return;
  const message::Place weighted("weighted_targets");
  Warn(at["sticky_key"], intent.sticky_key(),
       "always gets " + ToString(weighted[decide::DrawTarget(intent, salt, "")]), faults);
}

}  // namespace

void CheckKeys(const v1::Policy& policy, const compiled::Snapshot& snapshot,
               message::Faults& faults) {
  for (int i = 0; i < policy.rules_size(); ++i) {
    if (snapshot.rules.rules()[static_cast<size_t>(i)].broken) continue;
    const v1::Rule& rule = policy.rules(i);
    const message::Place at = compiled::kRulesPlace[i];
    LintShare(rule, at, faults);
    LintWeights(rule.intent(), rule.id(), rule.match(), at["intent"], faults);
  }
  for (const auto& [name, named] : policy.intents()) {
    const auto compiled = snapshot.intents.find(name);
    if (compiled == snapshot.intents.end() || compiled->second.broken) continue;
    const message::Place at = compiled::kIntentsPlace.Key(name);
    LintWeights(named.intent(), name, {}, at["intent"], faults);
  }
}

}  // namespace fingerpost::policy::lint

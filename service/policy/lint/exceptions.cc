#include "policy/compiled/exceptions.h"

#include <algorithm>

#include "policy/compiled/places.h"
#include "policy/lint/lint.h"
#include "policy/lint/paths.h"

namespace fingerpost::policy::lint {
namespace {

// What an exception that is like the rule itself would be written as.
std::string ConditionsOf(v1::Match match) {
  match.clear_not_();
  match.clear_share();
  return match.SerializeAsString();
}

// Paths may be compared in another way than they are written.
bool Folds(const auto& settings) {
  return settings.case_() != v1::PATH_CASE_UNSPECIFIED ||
         settings.trailing_slash() != v1::TRAILING_SLASH_UNSPECIFIED;
}
bool FoldsAnywhere(const v1::Policy& policy) {
  return Folds(policy.defaults()) ||
         std::any_of(policy.hosts().begin(), policy.hosts().end(),
                     [](const v1::HostDefaults& hosts) { return Folds(hosts.defaults()); });
}

void LintException(const v1::Policy& policy, const Place& rule, const Place& exception,
                   const message::Place& at, message::Faults& faults) {
  const bool folds = FoldsAnywhere(policy) || Folds(rule.match) || Folds(exception.match);
  const Relation paths = folds ? Relation::kMeets : RelationOfPaths(exception, rule);
  const bool covers = paths == Relation::kCovers &&
                      CoversHosts(exception.compiled, rule.compiled) &&
                      compiled::AsksForUrlOnly(exception.compiled);
  if (covers || ConditionsOf(exception.match) == ConditionsOf(rule.match)) {
    faults.Error(at,
                 "leaves out all that the rule matches, so the rule can never fire; name a part "
                 "of it, or remove the exception");
  } else if (!HostsMeet(exception.match, rule.match)) {
    faults.Warning(at,
                   "leaves out nothing: the rule is for none of its hosts; correct it or "
                   "remove it");
  } else if (paths == Relation::kApart) {
    faults.Warning(at,
                   "leaves out nothing: the rule matches no such path; correct it or remove "
                   "it");
  }
}

}  // namespace

void CheckExceptions(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                     message::Faults& faults) {
  for (int i = 0; i < policy.rules_size(); ++i) {
    const compiled::Rule& rule = snapshot.rules.rules()[static_cast<size_t>(i)];
    if (rule.broken) continue;
    const v1::Match& match = policy.rules(i).match();
    const message::Place at = compiled::kRulesPlace.Element(i, "match.not");
    for (int j = 0; j < match.not__size(); ++j) {
      LintException(policy, {match, rule}, {match.not_(j), rule.exceptions[static_cast<size_t>(j)]},
                    at[j], faults);
    }
  }
}

}  // namespace fingerpost::policy::lint

#include "policy/compiled/kept_query.h"

#include <algorithm>

#include "core/decide/intent_targets.h"
#include "core/decide/placeholders.h"

namespace fingerpost::policy::compiled {

bool IsMove(v1::Purpose purpose) {
  return purpose == v1::PURPOSE_TEMPORARY_MOVE || purpose == v1::PURPOSE_PERMANENT_MOVE ||
         purpose == v1::PURPOSE_REROUTE;
}

bool MovesAll(const Rule& rule) {
  if (rule.path_kind != Rule::Path::kPrefix || !IsMove(rule.intent.purpose())) return false;
  std::vector<std::string_view> names;
  decide::ForEachTarget(rule.intent, {}, [&](const message::Place&, const std::string& target) {
    decide::CollectPlaceholders(target, names);
  });
  return std::find(names.begin(), names.end(), "rest") != names.end();
}

const v1::QueryWish* QueryOf(const Rule& rule, const v1::Defaults& defaults) {
  static const v1::QueryWish kKeep = [] {
    v1::QueryWish wish;
    wish.set_mode(v1::QUERY_MODE_KEEP);
    return wish;
  }();
  if (defaults.has_query()) return &defaults.query();
  return rule.moves_all ? &kKeep : nullptr;
}

}  // namespace fingerpost::policy::compiled

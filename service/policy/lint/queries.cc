#include "policy/compiled/kept_query.h"
#include "policy/compiled/places.h"
#include "policy/lint/lint.h"

namespace fingerpost::policy::lint {
namespace {

constexpr char kDrops[] =
    "drops the request's query, and with it what links and campaigns add; say query: {mode: keep} "
    "to keep it or {mode: drop} if that is meant, here or in defaults.query";

bool Drops(const v1::Intent& intent) {
  return compiled::IsMove(intent.purpose()) && !intent.has_query();
}

}  // namespace

void NoteQueries(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                 message::Faults& notes) {
  if (policy.defaults().has_query()) return;
  for (int i = 0; i < policy.rules_size(); ++i) {
    const compiled::Rule& rule = snapshot.rules.rules()[static_cast<size_t>(i)];
    // A named intent's own note says it.
    if (policy.rules(i).has_intent() && Drops(rule.intent) && !rule.moves_all) {
      notes.Note(compiled::kRulesPlace.Element(i, "intent"), kDrops);
    }
  }
  for (const auto& [name, named] : policy.intents()) {
    const message::Place at = compiled::kIntentsPlace.Key(name);
    if (Drops(named.intent())) notes.Note(at["intent"], kDrops);
  }
  for (int i = 0; i < policy.maps_size(); ++i) {
    const v1::MapFile& map = policy.maps(i);
    const v1::Purpose purpose = map.intent().purpose();
    if (!map.intent().has_query() &&
        (purpose == v1::PURPOSE_UNSPECIFIED || compiled::IsMove(purpose)))
      notes.Note(compiled::kMapsPlace[i], kDrops);
  }
}

}  // namespace fingerpost::policy::lint

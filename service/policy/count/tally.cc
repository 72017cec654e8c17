#include "policy/count/tally.h"

#include <algorithm>
#include <utility>

#include "policy/compiled/growth.h"
#include "policy/compiled/string_map.h"

namespace fingerpost::policy::count {
namespace {

using compiled::Snapshot;
using resolve::Matched;
using Names = std::vector<std::string>;

// A counter for each name, the one of `before` if it has one. Without `other` all are listed.
Tally::Counters Continue(const Names& names, const Tally::Counters& before, HitCounter* other,
                         int64_t now) {
  compiled::StringMap<std::shared_ptr<HitCounter>> known;
  for (const auto& counter : before) known.emplace(counter->name(), counter);
  Tally::Counters counters(names.size());
  size_t listed = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto found = known.find(names[i]);
    if (found == known.end()) continue;
    counters[i] = found->second;
    if (counters[i]->is_listed()) ++listed;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (counters[i] != nullptr) continue;
    const bool is_listed =
        other == nullptr || (listed < Tally::kListed && names[i] != other->name());
    if (is_listed) ++listed;
    counters[i] = std::make_shared<HitCounter>(names[i], now, is_listed ? nullptr : other);
  }
  return counters;
}

}  // namespace

Tally::Tally(const Snapshot& snapshot, const Tally* before, LastingCounts& lasting, int64_t now)
    : lasting_(lasting) {
  static const Counters kNone;
  const auto of = [before](const Counters Tally::*member) -> const Counters& {
    return before == nullptr ? kNone : before->*member;
  };
  Names acting, in_shadow, intents, maps;
  for (const auto& rule : snapshot.rules.rules()) {
    (rule.shadow ? in_shadow : acting).push_back(rule.id);
  }
  for (const auto& [name, intent] : snapshot.intents) intents.push_back(name);
  std::sort(intents.begin(), intents.end());
  for (const auto& map : snapshot.maps) maps.push_back(map.name);
  rules_ = Continue(acting, of(&Tally::rules_), &lasting.other_rules, now);
  shadow_ = Continue(in_shadow, of(&Tally::shadow_), &lasting.other_shadow, now);
  intents_ = Continue(intents, of(&Tally::intents_), &lasting.other_intents, now);
  maps_ = Continue(maps, of(&Tally::maps_), nullptr, now);
  auto next_acting = rules_.begin();
  auto next_in_shadow = shadow_.begin();
  for (const auto& rule : snapshot.rules.rules()) {
    by_place_.push_back((rule.shadow ? next_in_shadow : next_acting)++->get());
  }
  for (size_t i = 0; i < intents.size(); ++i) {
    const auto* intent = &snapshot.intents.find(intents[i])->second;
    compiled::Grow(by_intent_, [&] { by_intent_.emplace(intent, intents_[i].get()); });
  }
  for (const auto& map : snapshot.maps) rows_.emplace_back(map.last_line);
  const std::array<const Counters*, kKinds> lists = {&rules_, &shadow_, &intents_};
  for (size_t kind = 0; kind < kKinds; ++kind) {
    auto& names = by_name_[kind];
    compiled::Grow(names, [&] {
      names.reserve(lists[kind]->size());
      for (const auto& counter : *lists[kind]) names.emplace(counter->name(), counter.get());
    });
  }
  // No rule has their names.
  for (HitCounter* counter : {&lasting.https, &lasting.canonical}) {
    auto& names = by_name_[kRules];
    compiled::Grow(names, [&] { names.emplace(counter->name(), counter); });
  }
}

HitCounter* Tally::Find(Kind kind, std::string_view name) const {
  const auto found = by_name_[kind].find(name);
  return found == by_name_[kind].end() ? nullptr : found->second;
}

std::optional<size_t> Tally::FindMap(std::string_view name) const {
  for (size_t i = 0; i < maps_.size(); ++i) {
    if (maps_[i]->name() == name) return i;
  }
  return std::nullopt;
}

void Tally::Count(const Matched& matched, const Decision& decision, const std::string& url,
                  int64_t now) {
  const auto second = static_cast<uint32_t>(now);
  const auto count = [&](HitCounter& counter) {
    counter.Count(decision.outcome, decision.status, second);
  };
  switch (matched.by) {
    case Matched::By::kRequest:
    case Matched::By::kShadow:
      break;
    case Matched::By::kIntent:
      count(*by_intent_.at(matched.intent));
      break;
    case Matched::By::kRule:
      count(*by_place_[matched.place]);
      break;
    case Matched::By::kRow:
      count(*maps_[matched.map]);
      rows_[matched.map].Add(matched.place, 1, second);
      break;
    case Matched::By::kHttps:
      count(lasting_.https);
      break;
    case Matched::By::kCanonical:
      count(lasting_.canonical);
      break;
    case Matched::By::kNothing:
      lasting_.misses.Count(url, second);
      break;
  }
  for (const Matched::InShadow& shadow : matched.in_shadow) {
    by_place_[shadow.rule]->Count(shadow.outcome, shadow.status, second);
  }
}

}  // namespace fingerpost::policy::count

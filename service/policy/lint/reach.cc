#include <algorithm>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "policy/compiled/places.h"
#include "policy/lint/lint.h"
#include "policy/lint/paths.h"

namespace fingerpost::policy::lint {
namespace {

// Whether it answers every request with its host and path.
bool IsUnconditional(const compiled::Rule& rule) {
  return !rule.shadow && rule.methods.empty() && rule.query.empty() && rule.fields.empty() &&
         rule.cookies.empty() && rule.clients.empty() && rule.exceptions.empty() && !rule.share &&
         !compiled::MaySleep(rule.intent) && !compiled::OnlyCanonicalises(rule.intent);
}

// The path pattern as written.
const std::string& PatternText(const v1::Match& match) {
  return match.path_pattern_case() == v1::Match::kPathGlob ? match.path_glob() : match.path_regex();
}

class Reach {
 public:
  Reach(const v1::Policy& policy, const compiled::Snapshot& snapshot, message::Faults& faults)
      : policy_(policy), rules_(snapshot.rules.rules()), snapshot_(snapshot), faults_(faults) {}

  void Run() {
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (!rules_[i].broken && IsUnconditional(rules_[i]) &&
          rules_[i].path_kind == compiled::Rule::Path::kPrefix) {
        prefixes_.push_back(i);
      }
    }
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (rules_[i].broken) continue;
      if (const std::optional<size_t> first = FirstWinner(i)) {
        faults_.Error(
            compiled::kRulesPlace[static_cast<int>(i)],
            "can never fire: " + ToString(compiled::kRulesPlace[static_cast<int>(*first)]) + " (" +
                rules_[*first].id +
                ") always comes first; remove one, or give the other a condition");
      }
      if (IsUnconditional(rules_[i])) Remember(i);
      LintMaps(i);
    }
  }

 private:
  // Kind, path or pattern text, host.
  using Place = std::tuple<compiled::Rule::Path, std::string, compiled::HostId>;

  [[nodiscard]] std::vector<Place> PlacesOf(size_t i) const {
    const compiled::Rule& rule = rules_[i];
    const v1::Match& match = policy_.rules(static_cast<int>(i)).match();
    const std::string& text =
        rule.path_kind == compiled::Rule::Path::kPattern ? PatternText(match) : rule.path;
    std::vector<Place> places;
    if (rule.hosts.empty()) places.emplace_back(rule.path_kind, text, compiled::kAnyHost);
    for (const compiled::HostId host : rule.hosts) places.emplace_back(rule.path_kind, text, host);
    return places;
  }

  void Remember(size_t i) {
    for (Place& place : PlacesOf(i)) first_.try_emplace(std::move(place), i);
  }

  [[nodiscard]] std::optional<size_t> FirstWinner(size_t i) {
    // The same conditions. A share's salt is the rule's id, so two shares are never the same.
    const v1::Match& match = policy_.rules(static_cast<int>(i)).match();
    if (!rules_[i].shadow && !match.has_share()) {
      const std::string conditions = match.SerializeAsString();
      if (const auto same = matches_.find(conditions); same != matches_.end()) return same->second;
      if (!compiled::MaySleep(rules_[i].intent) && !compiled::OnlyCanonicalises(rules_[i].intent))
        matches_.emplace(conditions, i);
    }
    if (const auto same = SamePlace(i)) return same;
    return UnderPrefix(i);
  }

  // The unconditional earlier rule that takes all of the rule's places, if any.
  [[nodiscard]] std::optional<size_t> SamePlace(size_t i) const {
    std::optional<size_t> winner;
    const bool in_order = rules_[i].path_kind == compiled::Rule::Path::kPattern ||
                          rules_[i].path_kind == compiled::Rule::Path::kAny;
    for (const Place& place : PlacesOf(i)) {
      auto found = first_.find(place);
      // Of patterns the first one wins, even if it is for every host.
      if (found == first_.end() && in_order) {
        found = first_.find({std::get<0>(place), std::get<1>(place), compiled::kAnyHost});
      }
      if (found == first_.end()) return std::nullopt;
      winner = found->second;
    }
    return winner;
  }

  // Prefixes come before patterns and rules without a path.
  [[nodiscard]] std::optional<size_t> UnderPrefix(size_t i) const {
    const compiled::Rule& rule = rules_[i];
    if (rule.path_kind != compiled::Rule::Path::kPattern &&
        rule.path_kind != compiled::Rule::Path::kAny) {
      return std::nullopt;
    }
    const std::string start = rule.path_kind == compiled::Rule::Path::kAny
                                  ? "/"
                                  : FixedStart(policy_.rules(static_cast<int>(i)).match());
    for (const size_t other : prefixes_) {
      if (CoversHosts(rules_[other], rule) && start.starts_with(rules_[other].path + "/")) {
        return other;
      }
    }
    return std::nullopt;
  }

  void LintMaps(size_t i) {
    if (rules_[i].path_kind != compiled::Rule::Path::kExact || !IsUnconditional(rules_[i])) return;
    for (const Place& place : PlacesOf(i)) {
      const auto entry = snapshot_.rules.maps().Find(std::get<2>(place), rules_[i].path);
      if (!entry) continue;
      faults_.Warning(compiled::kRulesPlace[static_cast<int>(i)],
                      "comes before line " + std::to_string(entry->line) + " of " +
                          policy_.maps(entry->map).file() +
                          ", which never answers; remove one of them");
    }
  }

  const v1::Policy& policy_;
  const std::vector<compiled::Rule>& rules_;
  const compiled::Snapshot& snapshot_;
  message::Faults& faults_;
  absl::flat_hash_map<Place, size_t> first_;
  absl::flat_hash_map<std::string, size_t> matches_;
  std::vector<size_t> prefixes_;
};

}  // namespace

void CheckReach(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                message::Faults& faults) {
  Reach(policy, snapshot, faults).Run();
}

}  // namespace fingerpost::policy::lint

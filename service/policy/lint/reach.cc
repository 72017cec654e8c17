#include <algorithm>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "policy/compiled/path.h"
#include "policy/compiled/places.h"
#include "policy/lint/lint.h"
#include "policy/lint/paths.h"

namespace fingerpost::policy::lint {
namespace {

// Whether it answers every request with its host and path.
bool IsUnconditional(const compiled::Rule& rule) {
  return !rule.shadow && rule.methods.empty() && rule.query.empty() && rule.fields.empty() &&
         rule.cookies.empty() && rule.clients.empty() && !rule.languages &&
         rule.exceptions.empty() && !rule.share && !compiled::MaySleep(rule.intent) &&
         !compiled::OnlyCanonicalises(rule.intent);
}

// The path pattern as written.
const std::string& PatternText(const v1::Match& match) {
  return match.path_pattern_case() == v1::Match::kPathGlob ? match.path_glob() : match.path_regex();
}

class Reach {
 public:
  Reach(const v1::Policy& policy, const compiled::Snapshot& snapshot, const Names& names,
        message::Faults& faults)
      : policy_(policy),
        rules_(snapshot.rules.rules()),
        snapshot_(snapshot),
        names_(names),
        faults_(faults) {}

  void Run() {
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (!rules_[i].broken && IsUnconditional(rules_[i]) &&
          rules_[i].path_kind == compiled::Rule::Path::kPrefix) {
        prefixes_.push_back(i);
      }
    }
    RunRules();
    LintQueryRows();
  }

 private:
  void RunRules() {
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (rules_[i].broken) continue;
      if (const std::optional<size_t> first = FirstWinner(i)) {
        faults_.Error(
            compiled::kRulesPlace[static_cast<int>(i)],
            "can never fire: " + names_.Of(*first) + " always comes first; " + Remedy(i, *first));
      }
      if (IsUnconditional(rules_[i])) Remember(i);
      LintMaps(i);
    }
  }

  using Path = compiled::Rule::Path;
  // Kind, path or pattern text, host, folding.
  using Place = std::tuple<Path, std::string, compiled::HostId, compiled::Folding>;

  [[nodiscard]] std::vector<Place> PlacesOf(size_t i) const {
    const compiled::Rule& rule = rules_[i];
    const v1::Match& match = policy_.rules(static_cast<int>(i)).match();
    const std::string& text =
        rule.path_kind == compiled::Rule::Path::kPattern ? PatternText(match) : rule.path;
    std::vector<Place> places;
    const compiled::HostId any = compiled::kAnyHost;
    if (rule.hosts.empty()) places.emplace_back(rule.path_kind, text, any, rule.folding);
    for (const compiled::HostId host : rule.hosts) {
      places.emplace_back(rule.path_kind, text, host, rule.folding);
    }
    return places;
  }

  // What lets rule `i` answer, too.
  [[nodiscard]] std::string Remedy(size_t i, size_t first) const {
    const compiled::Rule& rule = rules_[i];
    const compiled::Rule& winner = rules_[first];
    if (winner.path_kind == Path::kPrefix && rule.path_kind == Path::kPattern) {
      return "a prefix comes before all patterns: write the prefix as path_glob: \"" + winner.path +
             "/**\" and put it after this rule, or remove one";
    }
    if (winner.path_kind == Path::kPrefix && rule.path_kind == Path::kAny) {
      return "a rule without a path comes last: give this one path_prefix: / and put it before the "
             "other, or remove one";
    }
    const bool asks_more = !IsUnconditional(rule) || (winner.hosts.empty() && !rule.hosts.empty());
    return IsUnconditional(winner) && asks_more ? "put this rule before it, or remove one"
                                                : "remove one, or give the other a condition";
  }

  void Remember(size_t i) {
    const v1::Match& match = policy_.rules(static_cast<int>(i)).match();
    const std::string glob =
        match.has_path_glob() ? compiled::ParsePath(match.path_glob()).value_or("") : "";
    if (glob.ends_with("/**") && FixedStart(match).size() + 2 == glob.size()) globs_.push_back(i);
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
    if (const auto glob = UnderGlob(i)) return glob;
    return UnderPrefix(i);
  }

  // The unconditional earlier rule that takes all of the rule's places, if any.
  [[nodiscard]] std::optional<size_t> SamePlace(size_t i) const {
    std::optional<size_t> winner;
    const bool in_order = rules_[i].path_kind == compiled::Rule::Path::kPattern ||
                          rules_[i].path_kind == compiled::Rule::Path::kAny;
    for (Place place : PlacesOf(i)) {
      auto found = FirstAt(place);
      if (!found && in_order) {
        // Of patterns the first one wins, even if it is for every host.
        std::get<compiled::HostId>(place) = compiled::kAnyHost;
        found = FirstAt(place);
      }
      if (!found) return std::nullopt;
      winner = found;
    }
    return winner;
  }

  // What is there for each spelling of the path that is one to the rule at `place`.
  [[nodiscard]] std::optional<size_t> FirstAt(Place place) const {
    const compiled::Folding own = std::get<compiled::Folding>(place);
    for (const compiled::Folding folding : {compiled::Folding::kNone, compiled::Folding::kCase,
                                            compiled::Folding::kSlash, compiled::Folding::kBoth}) {
      if (!compiled::Includes(folding, own)) continue;
      std::get<compiled::Folding>(place) = folding;
      if (const auto found = first_.find(place); found != first_.end()) return found->second;
    }
    return std::nullopt;
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
      if (CoversHosts(rules_[other], rule) && start.starts_with(rules_[other].path + "/") &&
          (compiled::FoldsCase(rules_[other].folding) || !compiled::FoldsCase(rule.folding) ||
           rules_[other].path.empty())) {
        return other;
      }
    }
    return std::nullopt;
  }

  // "/blog/**" takes all patterns after it that begin with "/blog/".
  [[nodiscard]] std::optional<size_t> UnderGlob(size_t i) const {
    const compiled::Rule& rule = rules_[i];
    if (rule.path_kind != Path::kPattern && rule.path_kind != Path::kAny) return std::nullopt;
    const std::string start =
        rule.path_kind == Path::kAny ? "/" : FixedStart(policy_.rules(static_cast<int>(i)).match());
    const auto found = std::find_if(globs_.begin(), globs_.end(), [&](size_t other) {
      const std::string fixed = FixedStart(policy_.rules(static_cast<int>(other)).match());
      return CoversHosts(rules_[other], rule) && start.starts_with(fixed) &&
             (compiled::FoldsCase(rules_[other].folding) || !compiled::FoldsCase(rule.folding) ||
              fixed == "/");
    });
    return found == globs_.end() ? std::nullopt : std::optional(*found);
  }

  // Rows with a query, behind a rule for any query.
  void LintQueryRows() {
    if (first_.empty()) return;
    snapshot_.rules.maps().ForEach([this](const compiled::MapEntry& row) {
      if (row.query.empty()) return;
      const v1::MapFile& map = policy_.maps(row.map);
      const auto first =
          FirstAt({Path::kExact, std::string(row.path), row.host,
                   compiled::FoldingOf(map.case_(), map.trailing_slash(), policy_.defaults())});
      if (!first) return;
      faults_.Add(
          names_.AtRow(message::Severity::kWarning, {Node::Kind::kRow, row.map, row.line},
                       "never answers: " + names_.Of(*first) +
                           " always comes first; give the rule match.query, or remove one"));
    });
  }

  void LintMaps(size_t i) {
    if (rules_[i].path_kind != compiled::Rule::Path::kExact || !IsUnconditional(rules_[i])) return;
    for (const Place& place : PlacesOf(i)) {
      const auto entry =
          snapshot_.rules.maps().Find(std::get<compiled::HostId>(place), rules_[i].path);
      if (!entry) continue;
      const v1::MapFile& map = policy_.maps(entry->map);
      const compiled::Folding folding =
          compiled::FoldingOf(map.case_(), map.trailing_slash(), policy_.defaults());
      // Else the row answers other spellings.
      if (!compiled::Includes(rules_[i].folding, folding)) continue;
      faults_.Warning(compiled::kRulesPlace[static_cast<int>(i)],
                      "comes before line " + std::to_string(entry->line) + " of " +
                          policy_.maps(entry->map).file() +
                          ", which never answers; remove one of them");
    }
  }

  const v1::Policy& policy_;
  const std::vector<compiled::Rule>& rules_;
  const compiled::Snapshot& snapshot_;
  const Names& names_;
  message::Faults& faults_;
  absl::flat_hash_map<Place, size_t> first_;
  absl::flat_hash_map<std::string, size_t> matches_;
  std::vector<size_t> prefixes_;
  std::vector<size_t> globs_;  // That end in "/**", and have no other "*".
};

}  // namespace

void CheckReach(const v1::Policy& policy, const compiled::Snapshot& snapshot, const Names& names,
                message::Faults& faults) {
  Reach(policy, snapshot, names, faults).Run();
}

}  // namespace fingerpost::policy::lint

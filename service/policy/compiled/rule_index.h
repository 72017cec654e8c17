// The rules, indexed so that a request sees only those for its host and path, in the order of their
// priority.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/hash/hash.h"
#include "policy/compiled/map_rows.h"
#include "policy/compiled/rule.h"
#include "policy/compiled/subject.h"
#include "re2/set.h"

namespace fingerpost::policy::compiled {

// A rule or a map entry whose host and path match.
struct Candidate {
  const Rule* rule = nullptr;     // Null: a map entry.
  std::optional<MapEntry> entry;  // Neither: what comes here is elsewhere (see RuleIndex::Lack).
  std::span<const std::string_view> captures;  // Valid during the visit.
};

// Immutable once filled; then thread-safe.
class RuleIndex {
 public:
  void Add(Rule rule);
  // Call once, after the last rule.
  void Finish();
  // Something is wrong with the rule: it is not looked at any further.
  void MarkBroken(size_t place) { rules_[place].broken = true; }
  void SetMaps(MapRows maps) { maps_ = std::move(maps); }

  // Some rows or included files are elsewhere: nobody here knows for which hosts and paths.
  void Lack() { lacks_ = true; }

  // Visits candidates until `visit` returns false, in the order of policy.proto (Rule).
  void Visit(const Subject& subject, absl::FunctionRef<bool(const Candidate&)> visit) const;

  // Whether it may visit a rule for that path, in the spelling of NormalPath, on a host that
  // matches `hosts`. False is certain; for who asks for a million paths.
  [[nodiscard]] bool MayHaveRule(const HostIds& hosts, std::string_view path) const;

  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }
  [[nodiscard]] const MapRows& maps() const { return maps_; }

 private:
  struct Key {
    HostId host;
    std::string path;
  };
  struct KeyView {
    HostId host;
    std::string_view path;
  };
  struct KeyHash {
    using is_transparent = void;
    size_t operator()(const auto& key) const {
      return absl::HashOf(key.host, std::string_view(key.path));
    }
  };
  struct KeyEqual {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return a.host == b.host && std::string_view(a.path) == std::string_view(b.path);
    }
  };
  using Places = std::vector<uint32_t>;  // Indexes in rules_, in the order of the document.
  // Some of patterns_, matched at once; without `set` they are tried one by one.
  struct PatternSet {
    Places places;
    std::unique_ptr<const RE2::Set> set;
    bool folds_slash = false;  // One of them does.
  };
  using PathTable = absl::flat_hash_map<Key, Places, KeyHash, KeyEqual>;
  using Visitor = absl::FunctionRef<bool(const Candidate&)>;

  static void AddTo(PathTable& table, const Rule& rule, const std::string& path, uint32_t place);
  bool VisitExact(const Subject& subject, Visitor visit) const;
  // Those that come before whatever is elsewhere, and that.
  void VisitUntilLack(const Subject& subject, Visitor visit) const;
  // Those for the path by folding.
  bool VisitFolded(HostId host, const Subject& subject, Visitor visit) const;
  bool VisitPlaces(const PathTable& table, KeyView key, std::span<const std::string_view> captures,
                   Visitor visit) const;
  bool VisitPrefixes(const Subject& subject, Visitor visit) const;
  bool VisitPatterns(const Subject& subject, Visitor visit) const;
  bool VisitPatternSet(const PatternSet& patterns, const Subject& subject, Visitor visit) const;
  // Fills in which of the set match, in the order of the document; false if it ran out of
  // memory.
  bool MatchPatternSet(const PatternSet& patterns, const Subject& subject,
                       std::vector<int>& matching) const;
  // Visits one pattern; false if the visitor has seen enough.
  bool VisitPattern(uint32_t place, const Subject& subject, Visitor visit) const;

  std::vector<Rule> rules_;
  PathTable exact_;
  PathTable prefixes_;
  // The rules among them that fold, by their folded paths.
  std::array<PathTable, kFoldings.size()> folded_exact_;
  PathTable folded_prefixes_;  // By kCase: a prefix has no last slash.
  size_t deepest_prefix_ = 0;  // In segments: longer prefixes of a request are not looked up.
  Places patterns_;
  std::vector<PatternSet> pattern_sets_;
  Places anywhere_;  // Rules without a path.
  MapRows maps_;
  bool lacks_ = false;
};

}  // namespace fingerpost::policy::compiled

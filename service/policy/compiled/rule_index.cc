#include "policy/compiled/rule_index.h"

#include <algorithm>
#include <array>
#include <utility>

#include "policy/compiled/growth.h"

namespace fingerpost::policy::compiled {
namespace {

// Patterns of one automaton: its states grow with their number, and so does the cost of a new path.
constexpr size_t kPatternSetSize = 256;
// Fewer patterns are as fast one by one.
constexpr size_t kFewPatterns = 4;
// For one automaton, which grows with the paths that it sees and restarts when it is full.
constexpr int64_t kPatternSetMemory = int64_t{8} << 20;

size_t Segments(std::string_view path) {
  return static_cast<size_t>(std::count(path.begin(), path.end(), '/'));
}

}  // namespace

void RuleIndex::AddTo(PathTable& table, const Rule& rule, const std::string& path, uint32_t place) {
  const auto add = [&](HostId host) { Grow(table, [&] { table[{host, path}].push_back(place); }); };
  if (rule.hosts.empty()) add(kAnyHost);
  for (const HostId host : rule.hosts) add(host);
}

void RuleIndex::Add(Rule rule) {
  const auto place = static_cast<uint32_t>(rules_.size());
  switch (rule.path_kind) {
    case Rule::Path::kExact:
      AddTo(exact_, rule, rule.path, place);
      if (rule.folding != Folding::kNone) {
        AddTo(folded_exact_[static_cast<size_t>(rule.folding) - 1], rule, rule.folded, place);
      }
      break;
    case Rule::Path::kPrefix:
      AddTo(prefixes_, rule, rule.path, place);
      if (FoldsCase(rule.folding)) {
        AddTo(folded_prefixes_, rule, rule.folded, place);
      }
      deepest_prefix_ = std::max(deepest_prefix_, Segments(rule.path));
      break;
    case Rule::Path::kPattern:
      patterns_.push_back(place);
      break;
    case Rule::Path::kAny:
      anywhere_.push_back(place);
      break;
  }
  rules_.push_back(std::move(rule));
}

bool RuleIndex::VisitPlaces(const PathTable& table, KeyView key,
                            std::span<const std::string_view> captures, Visitor visit) const {
  const auto found = table.find(key);
  return found == table.end() ||
         std::all_of(found->second.begin(), found->second.end(), [&](uint32_t place) {
           return visit({.rule = &rules_[place], .entry = {}, .captures = captures});
         });
}

bool RuleIndex::VisitExact(const Subject& subject, Visitor visit) const {
  if (exact_.empty() && maps_.size() == 0) return true;
  const auto visit_row = [visit](const MapEntry& row) {
    return visit({.rule = nullptr, .entry = row, .captures = {}});
  };
  return std::all_of(subject.hosts().begin(), subject.hosts().end(), [&](HostId host) {
    return VisitPlaces(exact_, {host, subject.path()}, {}, visit) &&
           maps_.VisitAsCame(host, subject, visit_row) && VisitFolded(host, subject, visit) &&
           maps_.VisitFolded(host, subject, visit_row);
  });
}

bool RuleIndex::VisitFolded(HostId host, const Subject& subject, Visitor visit) const {
  Places places;
  for (size_t i = 0; i < kFoldings.size(); ++i) {
    if (folded_exact_[i].empty()) continue;
    const auto found = folded_exact_[i].find(KeyView{host, subject.Folded(kFoldings[i])});
    if (found == folded_exact_[i].end()) continue;
    places.insert(places.end(), found->second.begin(), found->second.end());
  }
  std::sort(places.begin(), places.end());  // The order of the document.
  return std::all_of(places.begin(), places.end(), [&](uint32_t place) {
    // As it came it has been visited.
    return rules_[place].path == subject.path() ||
           visit({.rule = &rules_[place], .entry = {}, .captures = {}});
  });
}

bool RuleIndex::VisitPrefixes(const Subject& subject, Visitor visit) const {
  if (prefixes_.empty()) return true;
  const std::string_view path = subject.path();
  const std::string_view folded =
      folded_prefixes_.empty() ? std::string_view() : subject.Folded(Folding::kCase);
  // Where a prefix may end: before a "/", and at the end of the path.
  std::vector<size_t> ends;
  for (size_t i = 0; i != path.npos && ends.size() <= deepest_prefix_; i = path.find('/', i + 1)) {
    ends.push_back(i);
  }
  if (ends.size() <= deepest_prefix_) ends.push_back(path.size());
  for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
    const std::array<std::string_view, 1> rest = {path.substr(*end)};
    const std::string_view prefix = path.substr(0, *end);
    const auto visit_folded = [&](const Candidate& candidate) {
      // As it came it has been visited.
      return candidate.rule->path == prefix || visit(candidate);
    };
    for (const HostId host : subject.hosts()) {
      if (!VisitPlaces(prefixes_, {host, prefix}, rest, visit)) return false;
      if (!folded_prefixes_.empty() &&
          !VisitPlaces(folded_prefixes_, {host, folded.substr(0, *end)}, rest, visit_folded)) {
        return false;
      }
    }
  }
  return true;
}

void RuleIndex::Finish() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternSetMemory);
  for (size_t begin = 0; begin < patterns_.size(); begin += kPatternSetSize) {
    const auto all = std::span(patterns_).subspan(begin);
    const auto places = all.first(std::min(all.size(), kPatternSetSize));
    auto set = std::make_unique<RE2::Set>(options, RE2::ANCHOR_BOTH);
    const bool added = std::all_of(places.begin(), places.end(), [&](uint32_t place) {
      // A pattern that did not compile was reported; such a policy is never served.
      const RE2* pattern = rules_[place].pattern.get();
      if (pattern == nullptr) return false;
      const bool sensitive = pattern->options().case_sensitive();
      return set->Add((sensitive ? "" : "(?i)") + pattern->pattern(), nullptr) >= 0;
    });
    if (places.size() < kFewPatterns || !added || !set->Compile()) set = nullptr;
    const bool folds_slash = std::any_of(places.begin(), places.end(), [&](uint32_t place) {
      return FoldsSlash(rules_[place].folding);
    });
    pattern_sets_.push_back({{places.begin(), places.end()}, std::move(set), folds_slash});
  }
}

bool RuleIndex::VisitPattern(uint32_t place, const Subject& subject, Visitor visit) const {
  const Rule& rule = rules_[place];
  if (rule.pattern == nullptr || !subject.IsOn(rule.hosts)) return true;
  std::array<re2::StringPiece, kMaxCaptures + 1> groups;
  const int count = rule.pattern->NumberOfCapturingGroups();
  const auto matches = [&](std::string_view path) {
    return rule.pattern->Match({path.data(), path.size()}, 0, path.size(), RE2::ANCHOR_BOTH,
                               groups.data(), count + 1);
  };
  if (!matches(subject.path())) {
    if (!FoldsSlash(rule.folding)) return true;
    const std::string_view other = subject.PathWithOtherSlash();
    if (other.empty() || !matches(other)) return true;
  }
  std::array<std::string_view, kMaxCaptures> captures;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    captures[i] = {groups[i + 1].data(), groups[i + 1].size()};
  }
  return visit({.rule = &rule,
                .entry = {},
                .captures = std::span(captures).first(static_cast<size_t>(count))});
}

bool RuleIndex::MatchPatternSet(const PatternSet& patterns, const Subject& subject,
                                std::vector<int>& matching) const {
  const auto match = [&](std::string_view path, std::vector<int>& found) {
    RE2::Set::ErrorInfo fault{};
    return patterns.set->Match({path.data(), path.size()}, &found, &fault) ||
           fault.kind == RE2::Set::kNoError;
  };
  if (!match(subject.path(), matching)) return false;
  const std::string_view other =
      patterns.folds_slash ? subject.PathWithOtherSlash() : std::string_view();
  std::vector<int> more;
  if (!other.empty() && !match(other, more)) return false;
  matching.insert(matching.end(), more.begin(), more.end());
  std::sort(matching.begin(), matching.end());  // The order of the document.
  matching.erase(std::unique(matching.begin(), matching.end()), matching.end());
  return true;
}

bool RuleIndex::VisitPatternSet(const PatternSet& patterns, const Subject& subject,
                                Visitor visit) const {
  std::vector<int> matching;
  if (patterns.set != nullptr && MatchPatternSet(patterns, subject, matching)) {
    return std::all_of(matching.begin(), matching.end(), [&](int i) {
      return VisitPattern(patterns.places[static_cast<size_t>(i)], subject, visit);
    });
  }
  return std::all_of(patterns.places.begin(), patterns.places.end(),
                     [&](uint32_t place) { return VisitPattern(place, subject, visit); });
}

bool RuleIndex::VisitPatterns(const Subject& subject, Visitor visit) const {
  return std::all_of(pattern_sets_.begin(), pattern_sets_.end(), [&](const PatternSet& patterns) {
    return VisitPatternSet(patterns, subject, visit);
  });
}

bool RuleIndex::MayHaveRule(const HostIds& hosts, std::string_view path) const {
  const auto has = [&](const PathTable& table, std::string_view key) {
    return std::any_of(hosts.begin(), hosts.end(), [&](HostId host) {
      return table.contains(KeyView{host, key});
    });
  };
  const auto matches = [&](const PatternSet& patterns) {
    const re2::StringPiece text(path.data(), path.size());
    RE2::Set::ErrorInfo fault{};
    if (patterns.set != nullptr) {
      return patterns.set->Match(text, nullptr, &fault) || fault.kind != RE2::Set::kNoError;
    }
    return std::any_of(patterns.places.begin(), patterns.places.end(), [&](uint32_t place) {
      const auto& pattern = rules_[place].pattern;
      return pattern != nullptr && RE2::FullMatch(text, *pattern);
    });
  };
  const auto is_on = [&](uint32_t place) {
    const std::vector<HostId>& on = rules_[place].hosts;
    return on.empty() ||
           std::find_first_of(on.begin(), on.end(), hosts.begin(), hosts.end()) != on.end();
  };
  // Few policies fold.
  if (!std::all_of(folded_exact_.begin(), folded_exact_.end(),
                   [](const PathTable& table) { return table.empty(); }) ||
      !folded_prefixes_.empty() ||
      std::any_of(pattern_sets_.begin(), pattern_sets_.end(),
                  [](const PatternSet& patterns) { return patterns.folds_slash; })) {
    return true;
  }
  if (has(exact_, path)) return true;
  for (size_t end = 0; !prefixes_.empty(); end = std::min(path.find('/', end + 1), path.size())) {
    if (has(prefixes_, path.substr(0, end))) return true;
    if (end == path.size()) break;
  }
  return std::any_of(pattern_sets_.begin(), pattern_sets_.end(), matches) ||
         std::any_of(anywhere_.begin(), anywhere_.end(), is_on);
}

void RuleIndex::VisitUntilLack(const Subject& subject, Visitor visit) const {
  // A row may be for just this host and path; of an included file's equal rule the document's comes
  // first, too.
  const auto own = subject.own_host();
  if (!own || VisitPlaces(exact_, {*own, subject.path()}, {}, visit)) (void)visit({});
}

void RuleIndex::Visit(const Subject& subject, Visitor visit) const {
  if (lacks_) return VisitUntilLack(subject, visit);
  if (!VisitExact(subject, visit) || !VisitPrefixes(subject, visit) ||
      !VisitPatterns(subject, visit)) {
    return;
  }
  for (const uint32_t place : anywhere_) {
    if (subject.IsOn(rules_[place].hosts) &&
        !visit({.rule = &rules_[place], .entry = {}, .captures = {}})) {
      return;
    }
  }
}

}  // namespace fingerpost::policy::compiled

#include "policy/compiled/rule_index.h"

#include <algorithm>
#include <array>
#include <utility>

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

void RuleIndex::AddTo(PathTable& table, const Rule& rule, uint32_t place) {
  if (rule.hosts.empty()) table[{kAnyHost, rule.path}].push_back(place);
  for (const HostId host : rule.hosts) table[{host, rule.path}].push_back(place);
}

void RuleIndex::Add(Rule rule) {
  const auto place = static_cast<uint32_t>(rules_.size());
  switch (rule.path_kind) {
    case Rule::Path::kExact:
      AddTo(exact_, rule, place);
      break;
    case Rule::Path::kPrefix:
      AddTo(prefixes_, rule, place);
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

bool RuleIndex::VisitExact(const Subject& subject, Visitor visit) const {
  if (exact_.empty() && maps_.size() == 0) return true;
  for (const HostId host : subject.hosts()) {
    if (const auto found = exact_.find(KeyView{host, subject.path()}); found != exact_.end()) {
      for (const uint32_t place : found->second) {
        if (!visit({.rule = &rules_[place], .entry = {}, .captures = {}})) return false;
      }
    }
    if (auto entry = maps_.Find(host, subject.path())) {
      if (!visit({.rule = nullptr, .entry = entry, .captures = {}})) return false;
    }
  }
  return true;
}

bool RuleIndex::VisitPrefixes(const Subject& subject, Visitor visit) const {
  if (prefixes_.empty()) return true;
  const std::string_view path = subject.path();
  // Where a prefix may end: before a "/", and at the end of the path.
  std::vector<size_t> ends;
  for (size_t i = 0; i != path.npos && ends.size() <= deepest_prefix_; i = path.find('/', i + 1)) {
    ends.push_back(i);
  }
  if (ends.size() <= deepest_prefix_) ends.push_back(path.size());
  for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
    const std::array<std::string_view, 1> rest = {path.substr(*end)};
    for (const HostId host : subject.hosts()) {
      const auto found = prefixes_.find(KeyView{host, path.substr(0, *end)});
      if (found == prefixes_.end()) continue;
      for (const uint32_t place : found->second) {
        if (!visit({.rule = &rules_[place], .entry = {}, .captures = rest})) return false;
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
      return pattern != nullptr && set->Add(pattern->pattern(), nullptr) >= 0;
    });
    if (places.size() < kFewPatterns || !added || !set->Compile()) set = nullptr;
    pattern_sets_.push_back({{places.begin(), places.end()}, std::move(set)});
  }
}

bool RuleIndex::VisitPattern(uint32_t place, const Subject& subject, Visitor visit) const {
  const Rule& rule = rules_[place];
  if (rule.pattern == nullptr || !subject.IsOn(rule.hosts)) return true;
  const re2::StringPiece path(subject.path().data(), subject.path().size());
  std::array<re2::StringPiece, kMaxCaptures + 1> groups;
  const int count = rule.pattern->NumberOfCapturingGroups();
  if (!rule.pattern->Match(path, 0, path.size(), RE2::ANCHOR_BOTH, groups.data(), count + 1)) {
    return true;
  }
  std::array<std::string_view, kMaxCaptures> captures;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    captures[i] = {groups[i + 1].data(), groups[i + 1].size()};
  }
  return visit({.rule = &rule,
                .entry = {},
                .captures = std::span(captures).first(static_cast<size_t>(count))});
}

bool RuleIndex::VisitPatternSet(const PatternSet& patterns, const Subject& subject,
                                Visitor visit) const {
  if (patterns.set != nullptr) {
    std::vector<int> matching;
    RE2::Set::ErrorInfo fault{};
    const re2::StringPiece path(subject.path().data(), subject.path().size());
    const bool any = patterns.set->Match(path, &matching, &fault);
    if (any || fault.kind == RE2::Set::kNoError) {
      std::sort(matching.begin(), matching.end());  // The order of the document.
      return std::all_of(matching.begin(), matching.end(), [&](int i) {
        return VisitPattern(patterns.places[static_cast<size_t>(i)], subject, visit);
      });
    }  // Otherwise it ran out of memory for this path.
  }
  return std::all_of(patterns.places.begin(), patterns.places.end(),
                     [&](uint32_t place) { return VisitPattern(place, subject, visit); });
}

bool RuleIndex::VisitPatterns(const Subject& subject, Visitor visit) const {
  return std::all_of(pattern_sets_.begin(), pattern_sets_.end(), [&](const PatternSet& patterns) {
    return VisitPatternSet(patterns, subject, visit);
  });
}

void RuleIndex::Visit(const Subject& subject, Visitor visit) const {
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

#include "policy/compiled/captures.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decide/intent_targets.h"
#include "core/decide/placeholders.h"
#include "policy/compiled/places.h"
#include "policy/lint/lint.h"

namespace fingerpost::policy::lint {
namespace {

// A group of the regular expression.
struct Group {
  std::optional<size_t> capture;  // Its index, unless it is (?:…).
  size_t begin;                   // Of its content.
  std::vector<size_t> captures;   // Those inside, including its own.
  bool has_choice = false;        // A "|" of its own: another branch may match instead.
};

// The end of "[…]", which begins at `at`.
size_t EndOfClass(std::string_view text, size_t at) {
  size_t i = at + 1;
  if (i < text.size() && text[i] == '^') ++i;
  if (i < text.size() && text[i] == ']') ++i;
  while (i < text.size() && text[i] != ']') i += text[i] == '\\' ? 2 : 1;
  return i;
}

bool MatchesNothing(std::string_view inside) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 regex(re2::StringPiece(inside.data(), inside.size()), options);
  return regex.ok() && RE2::FullMatch("", regex);
}

bool IsOptional(std::string_view quantifier) {
  return quantifier.starts_with('?') || quantifier.starts_with('*') || quantifier.starts_with("{0");
}

// Which captures of a valid regular expression may be empty.
std::vector<bool> MayBeEmpty(const RE2& regex) {
  const std::string_view text = regex.pattern();
  std::vector<bool> empty(static_cast<size_t>(regex.NumberOfCapturingGroups()));
  std::vector<Group> open = {{std::nullopt, 0, {}}};
  size_t count = 0;
  const auto close = [&](size_t end) {
    const Group group = std::move(open.back());
    open.pop_back();
    if (group.capture && MatchesNothing(text.substr(group.begin, end - group.begin))) {
      empty[*group.capture] = true;
    }
    const bool skipped = IsOptional(text.substr(std::min(end + 1, text.size())));
    for (const size_t i : group.captures) {
      if (skipped || (group.has_choice && i != group.capture)) empty[i] = true;
      if (!open.empty()) open.back().captures.push_back(i);
    }
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '[') {
      i = EndOfClass(text, i);
    } else if (text[i] == '|') {
      open.back().has_choice = true;
    } else if (text[i] == '(') {
      const std::string_view rest = text.substr(i + 1);
      const bool captures = !rest.starts_with('?') || rest.starts_with("?P<");
      if (captures && count == empty.size()) return empty;
      const size_t begin = rest.starts_with("?P<") ? text.find('>', i) + 1 : i + 1;
      open.push_back({captures ? std::optional(count) : std::nullopt, begin, {}});
      if (captures) open.back().captures.push_back(count++);
    } else if (text[i] == ')' && open.size() > 1) {
      close(i);
    }
  }
  close(text.size());
  return empty;
}

// Values of the captures; empty if they may be.
std::vector<std::string_view> LeastCaptures(const compiled::Rule& rule, bool is_glob) {
  constexpr std::string_view kSome = "x";
  std::vector<std::string_view> least;
  if (!rule.host_ends.empty()) least.push_back(kSome);
  if (rule.languages) least.emplace_back(rule.languages->prefers.front());
  if (rule.pattern != nullptr && !is_glob) {
    for (const bool empty : MayBeEmpty(*rule.pattern)) least.push_back(empty ? "" : kSome);
  } else if (rule.pattern != nullptr) {
    least.resize(least.size() + static_cast<size_t>(rule.pattern->NumberOfCapturingGroups()));
  } else if (rule.path_kind == compiled::Rule::Path::kPrefix) {
    least.emplace_back();
  }
  for (const compiled::CapturedValue& captured : rule.captured_values) {
    const std::vector<bool> empty = MayBeEmpty(*compiled::ConditionOf(rule, captured).regex());
    for (const int group : captured.groups) {
      least.push_back(empty[static_cast<size_t>(group) - 1] ? "" : kSome);
    }
  }
  return least;
}

}  // namespace

void CheckCaptures(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                   message::Faults& faults) {
  for (int i = 0; i < policy.rules_size(); ++i) {
    const compiled::Rule& rule = snapshot.rules.rules()[static_cast<size_t>(i)];
    if (rule.broken || rule.captures.empty()) continue;
    const bool own = policy.rules(i).has_intent();
    const message::Place at = compiled::kRulesPlace.Element(i, own ? "intent" : "intent_name");
    const auto least = LeastCaptures(rule, policy.rules(i).match().has_path_glob());
    const decide::Values values(rule.captures, least);
    decide::ForEachTarget(
        rule.intent, at, [&](const message::Place& place, const std::string& target) {
          std::vector<decide::ValueFault> found;
          (void)decide::FillPlaceholders(target, values, found);
          const message::Place& told = own ? place : at;
          // A target that is wrong anyway is not also doubtful.
          if (found.empty() || faults.Has(told)) return;
          const std::string what(found.front().name.empty() ? "it would start with \"//\""
                                                            : "it would have a dot segment");
          faults.Warning(told, "is refused where what it captures is empty: " + what +
                                   "; write a segment before it, or match more");
        });
  }
}

}  // namespace fingerpost::policy::lint

#include "policy/lint/literals.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>

#include "core/decide/intent_targets.h"
#include "policy/compiled/places.h"
#include "policy/lint/lint.h"

namespace fingerpost::policy::lint {
namespace {

// One of these is in all that has a meaning elsewhere; a million rows are asked for it.
constexpr std::array<bool, 256> kMarks = [] {
  std::array<bool, 256> marks{};
  for (const char c : std::string_view(":*{[(\\$")) marks[static_cast<unsigned char>(c)] = true;
  return marks;
}();
bool HasMark(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return kMarks[static_cast<unsigned char>(c)]; });
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// ":id" at the beginning of a segment, which is a capture in routers and other redirect lists; ""
// for none.
std::string_view SegmentVariable(std::string_view path) {
  for (size_t at = path.find("/:"); at != path.npos; at = path.find("/:", at + 1)) {
    if (at + 2 < path.size() && IsLetter(path[at + 2])) {
      return path.substr(at + 1, path.find('/', at + 1) - at - 1);
    }
  }
  return {};
}

// "$1", "\\1", "${id}", the references of regular expressions elsewhere. "$10" may be a price.
std::string_view Reference(std::string_view target) {
  for (size_t i = 0; i + 1 < target.size(); ++i) {
    const bool ends = i + 2 == target.size() || !IsDigit(target[i + 2]);
    if ((target[i] == '$' || target[i] == '\\') && IsDigit(target[i + 1]) && ends) {
      return target.substr(i, 2);
    }
    if (target[i] == '$' && target[i + 1] == '{') return target.substr(i, 2);
  }
  return {};
}

std::string_view PathOf(std::string_view target) {
  const size_t scheme = target.find("://");
  const size_t begin = scheme == target.npos ? 0 : target.find('/', scheme + 3);
  if (begin == target.npos) return {};
  target.remove_prefix(begin);
  return target.substr(0, target.find_first_of("?#"));
}

void LintPath(const std::string& path, const message::Place& place, message::Faults& faults) {
  constexpr std::string_view kUse =
      " is taken as it stands; to match any text there, use match.path_glob with \"*\" or "
      "match.path_regex";
  const std::string found = PatternIn(path);
  if (!found.empty()) faults.Warning(place, absl::StrCat("\"", found, "\"", std::string(kUse)));
}

void LintMatch(const v1::Match& match, const message::Place& at, message::Faults& faults) {
  if (match.path_pattern_case() == v1::Match::kPath) {
    LintPath(match.path(), at["path"], faults);
  } else if (match.path_pattern_case() == v1::Match::kPathPrefix) {
    LintPath(match.path_prefix(), at["path_prefix"], faults);
  }
}

// "www.example.com" at the beginning of a path: a host without its scheme. "" if nothing looks like
// one. A name with one dot and nothing after it is a file, such as "index.html".
std::string_view BareHost(std::string_view target) {
  const size_t end = std::min(target.find_first_of("/?#"), target.size());
  const std::string_view name = target.substr(0, end);
  const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '-' || c == '.';
  });
  const size_t dot = name.rfind('.');
  if (!is_name || dot == name.npos || dot == 0 || name.find("..") != name.npos) return {};
  const std::string_view last = name.substr(dot + 1);
  if (last.size() < 2 || !std::all_of(last.begin(), last.end(), IsLetter)) return {};
  const bool has_path = end < target.size() && target[end] == '/';
  return has_path || name.starts_with("www.") ? name : std::string_view();
}

void LintTarget(const std::string& target, const message::Place& place, message::Faults& faults) {
  if (const std::string_view host = BareHost(target); !host.empty()) {
    faults.Warning(place, absl::StrCat("\"", std::string(host),
                                       "\" is a path as it stands; for the host write \"https://",
                                       std::string(host), "\""));
    return;
  }
  const std::string found = ReferenceIn(target);
  if (found.empty()) return;
  faults.Warning(place, absl::StrCat("\"", found,
                                     "\" is sent as it stands; what was captured is written "
                                     "{rest}, {1} or {name}"));
}

void LintTargets(const v1::Intent& intent, const message::Place& at, message::Faults& faults) {
  decide::ForEachTarget(intent, at, [&](const message::Place& place, const std::string& target) {
    LintTarget(target, place, faults);
  });
}

}  // namespace

std::string PatternIn(std::string_view path) {
  if (!HasMark(path)) return {};
  // A normal path writes some of them percent-encoded.
  for (const std::string_view mark : {".*", "[0-9]", "[^/]", "[a-z", "\\d"}) {
    if (path.find(mark) != path.npos) return std::string(mark);
  }
  if (const auto name = SegmentVariable(path); !name.empty()) return std::string(name);
  if (const size_t at = path.find_first_of("*{"); at != path.npos) {
    return std::string(path.substr(at, 1));
  }
  return path.size() > 1 && path.ends_with('$') ? "$" : "";
}

std::string ReferenceIn(std::string_view target) {
  if (!HasMark(target)) return {};
  if (const auto found = Reference(target); !found.empty()) return std::string(found);
  const std::string_view path = PathOf(target);
  if (const auto found = SegmentVariable(path); !found.empty()) return std::string(found);
  return path.find('*') == path.npos ? "" : "*";
}

void CheckLiterals(const v1::Policy& policy, message::Faults& faults) {
  LintTarget(policy.defaults().fallback_target(), "defaults.fallback_target", faults);
  for (int i = 0; i < policy.rules_size(); ++i) {
    const v1::Rule& rule = policy.rules(i);
    const message::Place at = compiled::kRulesPlace[i];
    const message::Place match = at["match"];
    const message::Place exceptions = match["not"];
    LintMatch(rule.match(), match, faults);
    for (int j = 0; j < rule.match().not__size(); ++j) {
      LintMatch(rule.match().not_(j), exceptions[j], faults);
    }
    LintTargets(rule.intent(), at["intent"], faults);
  }
  for (const auto& [name, named] : policy.intents()) {
    const message::Place at = compiled::kIntentsPlace.Key(name);
    LintTargets(named.intent(), at["intent"], faults);
  }
}

}  // namespace fingerpost::policy::lint

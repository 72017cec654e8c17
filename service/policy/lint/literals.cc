#include <absl/strings/str_cat.h>

#include <algorithm>

#include "core/decide/intent_targets.h"
#include "policy/lint/lint.h"

namespace fingerpost::policy::lint {
namespace {

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

void LintPath(const std::string& path, const std::string& field, document::Reporter& reporter) {
  constexpr std::string_view kUse =
      " is taken as it stands; to match any text there, use match.path_glob with \"*\" or "
      "match.path_regex";
  if (const auto name = SegmentVariable(path); !name.empty()) {
    reporter.Warning(field, absl::StrCat("\"", std::string(name), "\"", std::string(kUse)));
  } else if (const size_t at = path.find_first_of("*{"); at != path.npos) {
    reporter.Warning(field, absl::StrCat("\"", path.substr(at, 1), "\"", std::string(kUse)));
  }
}

void LintMatch(const v1::Match& match, const std::string& at, document::Reporter& reporter) {
  if (match.path_pattern_case() == v1::Match::kPath) {
    LintPath(match.path(), at + ".path", reporter);
  } else if (match.path_pattern_case() == v1::Match::kPathPrefix) {
    LintPath(match.path_prefix(), at + ".path_prefix", reporter);
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

void LintTarget(const std::string& target, const std::string& field, document::Reporter& reporter) {
  if (const std::string_view host = BareHost(target); !host.empty()) {
    reporter.Warning(field, absl::StrCat("\"", std::string(host),
                                         "\" is a path as it stands; for the host write \"https://",
                                         std::string(host), "\""));
    return;
  }
  std::string_view found = Reference(target);
  if (found.empty()) found = SegmentVariable(PathOf(target));
  if (found.empty() && PathOf(target).find('*') != std::string_view::npos) found = "*";
  if (found.empty()) return;
  reporter.Warning(field, absl::StrCat("\"", std::string(found),
                                       "\" is sent as it stands; what was captured is written "
                                       "{rest}, {1} or {name}"));
}

void LintTargets(const v1::Intent& intent, const std::string& at, document::Reporter& reporter) {
  decide::ForEachTarget(intent, [&](const std::string& path, const std::string& target) {
    LintTarget(target, at + '.' + path, reporter);
  });
}

}  // namespace

void CheckLiterals(const v1::Policy& policy, document::Reporter& reporter) {
  LintTarget(policy.defaults().fallback_target(), "defaults.fallback_target", reporter);
  for (int i = 0; i < policy.rules_size(); ++i) {
    const v1::Rule& rule = policy.rules(i);
    const std::string at = document::ElementPath("rules", i);
    LintMatch(rule.match(), at + ".match", reporter);
    for (int j = 0; j < rule.match().not__size(); ++j) {
      LintMatch(rule.match().not_(j), document::ElementPath(at + ".match.not", j), reporter);
    }
    LintTargets(rule.intent(), at + ".intent", reporter);
  }
  for (const auto& [name, named] : policy.intents()) {
    LintTargets(named.intent(), document::MemberPath("intents", name) + ".intent", reporter);
  }
}

}  // namespace fingerpost::policy::lint

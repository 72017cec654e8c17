#include "policy/compiled/owner.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <optional>

#include "policy/compiled/host_table.h"
#include "policy/compiled/path.h"
#include "policy/compiled/regex.h"

namespace fingerpost::policy::compiled {
namespace {

constexpr int kMost = 256;  // Of hosts, and of paths.

// Two files whose paths differ in case only would meet in a rule that folds it.
bool MeetPaths(const std::string& a, const std::string& b) {
  const std::string x = absl::AsciiStrToLower(a);
  const std::string y = absl::AsciiStrToLower(b);
  return IsUnder(x, y) || IsUnder(y, x);
}

// Whether one of `a` and one of `b` meet; an empty list has everything.
template <typename Meet>
bool AnyMeets(const std::vector<std::string>& a, const std::vector<std::string>& b, Meet meet) {
  if (a.empty() || b.empty()) return true;
  return std::any_of(a.begin(), a.end(), [&](const std::string& one) {
    return std::any_of(b.begin(), b.end(),
                       [&](const std::string& other) { return meet(one, other); });
  });
}

// Takes `literal` off the beginning of the regular expression, whose special characters have a "\"
// there.
bool TakeLiteral(std::string_view literal, std::string_view& regex) {
  constexpr std::string_view kSpecial = "\\.+*?()|[]{}^$";
  for (const char c : literal) {
    const bool is_special = kSpecial.find(c) != kSpecial.npos;
    if (regex.starts_with('\\') && regex.size() > 1 &&
        !absl::ascii_isalnum(static_cast<unsigned char>(regex[1]))) {
      regex.remove_prefix(1);
    } else if (is_special) {
      return false;
    }
    if (!regex.starts_with(c)) return false;
    regex.remove_prefix(1);
  }
  return true;
}

// "a", "a and b", "a, b, c and 4 more".
std::string Listed(const std::vector<std::string>& list) {
  constexpr size_t kShown = 3;
  const size_t shown = std::min(list.size(), kShown);
  std::string text;
  for (size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == list.size() ? " and " : ", ";
    text += list[i].empty() ? "/" : list[i];
  }
  if (shown < list.size()) text += " and " + std::to_string(list.size() - shown) + " more";
  return text;
}

bool BeginsWithRepetition(std::string_view regex) {
  return !regex.empty() && std::string_view("*+?{").find(regex.front()) != std::string_view::npos;
}

}  // namespace

Owner::Owner(const v1::Include& include, const message::Place& at, message::Faults& faults) {
  const message::Place hosts = at["hosts"];
  const message::Place paths = at["paths"];
  const size_t before = faults.errors();
  if (include.hosts_size() > kMost) faults.Error(hosts, "has more than 256 entries");
  if (include.paths_size() > kMost) faults.Error(paths, "has more than 256 entries");
  for (int i = 0; i < include.hosts_size(); ++i) {
    if (auto host = ParseHostPattern(include.hosts(i))) {
      hosts_.push_back(*std::move(host));
    } else {
      faults.Error(hosts[i], "is not a host; expected \"shop.example.com\" or \".example.com\"");
    }
  }
  for (int i = 0; i < include.paths_size(); ++i) {
    auto path = ParsePath(include.paths(i));
    if (!path || (path->size() > 1 && path->ends_with('/'))) {
      faults.Error(paths[i],
                   "is not a prefix; expected \"/\" or a path such as \"/checkout\", without a "
                   "last \"/\"");
      continue;
    }
    if (*path == "/") path->clear();
    paths_.push_back(*std::move(path));
  }
  is_known_ = faults.errors() == before;
  if (is_known_) return;
  hosts_.clear();
  paths_.clear();
}

bool Owner::Meets(const Owner& other) const {
  return is_known_ && other.is_known_ &&
         AnyMeets(hosts_, other.hosts_,
                  [](const std::string& a, const std::string& b) {
                    return IsHostWithin(a, b) || IsHostWithin(b, a);
                  }) &&
         AnyMeets(paths_, other.paths_, MeetPaths);
}

bool Owner::OwnsHost(std::string_view host) const {
  return hosts_.empty() || std::any_of(hosts_.begin(), hosts_.end(), [host](const auto& owned) {
           return !host.empty() && IsHostWithin(host, owned);
         });
}

bool Owner::OwnsPath(std::string_view path) const {
  return paths_.empty() || std::any_of(paths_.begin(), paths_.end(),
                                       [path](const auto& owned) { return IsUnder(path, owned); });
}

bool Owner::OwnsGlob(const std::string& glob) const {
  const std::string path = ParsePath(glob).value_or("/");
  const std::string_view start = std::string_view(path).substr(0, path.find('*'));
  return paths_.empty() || std::any_of(paths_.begin(), paths_.end(), [start](const auto& owned) {
           return start.starts_with(owned + "/");
         });
}

bool Owner::OwnsRegex(std::string_view regex) const {
  if (paths_.empty()) return true;
  if (MayHaveAlternatives(regex)) return false;
  return std::any_of(paths_.begin(), paths_.end(), [regex](const auto& owned) {
    std::string_view rest = regex;
    if (rest.starts_with('^')) rest.remove_prefix(1);
    if (!TakeLiteral(owned, rest)) return false;
    if (rest.empty()) return !owned.empty();
    return TakeLiteral("/", rest) && !BeginsWithRepetition(rest);
  });
}

void Owner::CheckPath(const v1::Match& match, const message::Place& at,
                      message::Faults& faults) const {
  if (paths_.empty()) return;
  const std::string what = "may match what this file does not own; it owns " + Text();
  const auto check_literal = [&](const std::string& text, const char* member) {
    const auto path = ParsePath(text);
    if (path && !OwnsPath(*path)) faults.Error(at[member], what);
  };
  switch (match.path_pattern_case()) {
    case v1::Match::kPath:
      return check_literal(match.path(), "path");
    case v1::Match::kPathPrefix:
      return check_literal(match.path_prefix(), "path_prefix");
    case v1::Match::kPathGlob:
      if (!OwnsGlob(match.path_glob())) {
        faults.Error(at["path_glob"], what + ": begin with \"" + paths_.front() + "/\"");
      }
      return;
    case v1::Match::kPathRegex:
      if (!OwnsRegex(match.path_regex())) {
        faults.Error(at["path_regex"], what + ": begin with \"" + paths_.front() +
                                           "/\", without \"|\" outside of parentheses");
      }
      return;
    case v1::Match::PATH_PATTERN_NOT_SET:
      if (!OwnsPath("")) faults.Error(at, what + "; give it a path");
  }
}

void Owner::CheckHost(std::string_view host, const message::Place& at,
                      message::Faults& faults) const {
  if (host.starts_with("*.")) host.remove_prefix(1);  // Its domain has all of them.
  const auto pattern = ParseHostPattern(host);
  if (pattern && !OwnsHost(*pattern)) {
    faults.Error(at, "is not a host that this file owns; it owns " + Text());
  }
}

void Owner::Check(const v1::Match& match, const message::Place& at, message::Faults& faults) const {
  const message::Place hosts = at["hosts"];
  if (match.hosts().empty() && !OwnsHost("")) {
    faults.Error(at,
                 "may match what this file does not own; it owns " + Text() + "; name the hosts");
  }
  for (int i = 0; i < match.hosts_size(); ++i) CheckHost(match.hosts(i), hosts[i], faults);
  CheckPath(match, at, faults);
}

std::string Owner::Text() const {
  std::string text = hosts_.empty() ? "every host" : Listed(hosts_);
  if (!paths_.empty()) text += ", below " + Listed(paths_);
  return text;
}

}  // namespace fingerpost::policy::compiled

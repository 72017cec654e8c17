#include "policy/formats/settle.h"

#include <re2/re2.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/http/url.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/path.h"
#include "policy/formats/cat.h"
#include "policy/formats/pattern.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kMaxPattern = 1024;  // Match.path_regex
constexpr size_t kMaxHosts = 256;     // Match.hosts
constexpr int kMaxConditions = 32;    // Match.query, fields, cookies
constexpr size_t kNone = std::numeric_limits<size_t>::max();
constexpr size_t kMaxDemoted = 100;
constexpr size_t kBehindScheme = std::string_view("https://").size();
using Hosts = std::vector<std::string>;

// Whether the host pattern `a` stands for every host that `b` stands for.
bool HostCovers(std::string_view a, std::string_view b) {
  if (a == b) return true;
  return a.starts_with('.') && (b.ends_with(a) || b == a.substr(1));
}

bool HostsCover(const Hosts& a, const Hosts& b) {
  if (a.empty()) return true;
  if (b.empty()) return false;
  return std::all_of(b.begin(), b.end(), [&a](const std::string& host) {
    return std::any_of(a.begin(), a.end(),
                       [&host](const auto& by) { return HostCovers(by, host); });
  });
}

bool HostsOverlap(const Hosts& a, const Hosts& b) {
  if (a.empty() || b.empty()) return true;
  return std::any_of(a.begin(), a.end(), [&b](const std::string& host) {
    return std::any_of(b.begin(), b.end(), [&host](const std::string& other) {
      return HostCovers(other, host) || HostCovers(host, other);
    });
  });
}

// The more, the earlier among equal paths: a host, then the longest domain, then every host.
size_t Specificity(std::string_view host) {
  return host.starts_with('.') ? host.size() : std::numeric_limits<size_t>::max();
}
size_t Least(const Hosts& hosts) {
  size_t least = hosts.empty() ? 0 : std::numeric_limits<size_t>::max();
  for (const std::string& host : hosts) least = std::min(least, Specificity(host));
  return least;
}
size_t Most(const Hosts& hosts) {
  size_t most = 0;
  for (const std::string& host : hosts) most = std::max(most, Specificity(host));
  return most;
}

// Whether `path` is `prefix` or below it.
bool IsBelow(std::string_view path, std::string_view prefix) {
  if (prefix == "/") return true;
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

// What every text begins with that the pattern matches, as far as it is plain, in lower case.
std::string LiteralPrefix(std::string_view pattern) {
  if (pattern.starts_with("(?i)")) pattern.remove_prefix(4);
  if (HasAlternatives(pattern)) return {};
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const bool escaped = pattern[i] == '\\' && i + 1 < pattern.size();
    const char c = escaped ? pattern[i + 1] : pattern[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (escaped ? letter : std::string_view(".+*?()[]{}^$|").find(c) != std::string_view::npos)
      break;
    i += escaped ? 1 : 0;
    // What may be missing or repeated is none of it.
    if (i + 1 < pattern.size() &&
        std::string_view("*?{").find(pattern[i + 1]) != std::string_view::npos)
      break;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

std::string Lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

class Settler {
 public:
  Settler(const Hosts& hosts, Report& report) : hosts_(hosts), report_(report) {}

  // `second`: the other form of the redirect before it, which the report has named. False: it is
  // none that the policy has.
  bool Add(Redirect redirect, bool second) {
    if (!IsFit(redirect, second)) return false;
    if (redirect.act == Act::kUpgrade) {  // Before all rules.
      before_.push_back(kNone);
      Keep(std::move(redirect), {});
      return true;
    }
    const Form form = FormOf(redirect);
    if (!FindItsPlace(redirect, form, second)) return false;
    const size_t index = kept_.size();
    size_t before = kNone;
    if (form.source == Source::kExact) {
      const auto [last, added] = exact_.try_emplace(form.path, index);
      if (!added) before = std::exchange(last->second, index);
    } else {
      others_.push_back(index);
    }
    before_.push_back(before);
    Keep(std::move(redirect), form);
    return true;
  }

  // Without those that leave alone what nothing behind them answers.
  Redirects Take() {
    Redirects out;
    for (size_t i = 0; i < kept_.size(); ++i) {
      if (needed_[i]) out.push_back(std::move(kept_[i]));
    }
    return out;
  }

 private:
  // What it matches, whatever it becomes.
  struct Form {
    Source source;
    std::string path;
    std::shared_ptr<const RE2> regex;  // kPattern
    std::string literal;               // kPattern: what all that it matches begins with.
  };

  void Keep(Redirect redirect, Form form) {
    needed_.push_back(redirect.act != Act::kLeave);
    kept_.push_back(std::move(redirect));
    // The form of most is what they are.
    const Redirect& kept = kept_.back();
    if (kept.source != Source::kExact) forms_.emplace(kept_.size() - 1, std::move(form));
  }

  [[nodiscard]] const Hosts& HostsOf(const Redirect& redirect) const {
    return redirect.hosts.empty() ? hosts_ : redirect.hosts;
  }

  // Whether the policy can have it; brings its path into the policy's spelling.
  bool IsFit(Redirect& redirect, bool second) {
    if (!HasFitHosts(redirect) || !HasFitConditions(redirect)) return false;
    if (redirect.source == Source::kPattern)
      return IsFitPattern(redirect) && IsFitTarget(redirect, second);
    const auto path = compiled::ParsePath(redirect.path);
    if (!path) {
      report_.Skip(redirect.place, "its source is no path of a URL",
                   "write a path that begins with \"/\", without query and fragment");
      return false;
    }
    redirect.path = *path;
    if (redirect.source == Source::kPrefix && redirect.path.size() > 1 &&
        redirect.path.ends_with('/')) {
      redirect.path.pop_back();
    }
    if (redirect.ignore_case) BecomePattern(redirect);
    return IsFitTarget(redirect, second);
  }

  bool HasFitHosts(Redirect& redirect) {
    if (redirect.hosts.size() > kMaxHosts) {
      report_.Skip(redirect.place, "has more than 256 hosts", "divide it");
      return false;
    }
    for (std::string& host : redirect.hosts) {
      if (const auto known = compiled::ParseHostPattern(host)) {
        host = *known;
        continue;
      }
      report_.Skip(redirect.place, Cat("\"", host, "\" is not a host"),
                   "write \"www.example.com\", or \".example.com\" for its subdomains, too");
      return false;
    }
    return true;
  }

  bool HasFitConditions(const Redirect& redirect) {
    if (redirect.conditions == nullptr) return true;
    const v1::Match& conditions = *redirect.conditions;
    const bool fit = conditions.query_size() <= kMaxConditions &&
                     conditions.fields_size() <= kMaxConditions &&
                     conditions.cookies_size() <= kMaxConditions;
    if (!fit) report_.Skip(redirect.place, "has more than 32 conditions", "divide it");
    return fit;
  }

  bool IsFitPattern(const Redirect& redirect) {
    if (redirect.path.size() > kMaxPattern) {
      report_.Skip(redirect.place, "its pattern is longer than 1024 octets", "divide it");
      return false;
    }
    const RE2 regex(redirect.path, RE2::Quiet);
    if (regex.ok()) return true;
    report_.Skip(redirect.place, Cat("its pattern is none of RE2: ", regex.error()),
                 "write it without look-around and back-references");
    return false;
  }

  bool IsFitTarget(const Redirect& redirect, bool second) {
    if (redirect.act != Act::kRedirect || redirect.code == 410) return true;
    if (const std::string_view fault = TargetFault(redirect.target); !fault.empty()) {
      if (second) return false;
      report_.Skip(redirect.place, fault, "write a path that begins with \"/\", or a URL");
      return false;
    }
    if (!LeadsToItself(redirect)) return true;
    if (second) return false;
    const bool anywhere = IsAbsolute(redirect.target) && HostsOf(redirect).empty();
    if (anywhere && redirect.source == Source::kExact) return true;  // As a row of a map.
    report_.Skip(redirect.place, "its target is matched by it again, for ever",
                 anywhere ? "name the hosts that moved with --host" : "remove it");
    return false;
  }

  // Whether its target, with some text for its captures, is what it matches.
  [[nodiscard]] bool LeadsToItself(const Redirect& redirect) const {
    if (redirect.conditions != nullptr) return false;
    std::string target = redirect.target;
    RE2::GlobalReplace(&target, R"(/?\{rest\})", "/some-page");
    RE2::GlobalReplace(&target, R"(\{\w+\})", "some-page");
    const auto base = http::ParseUrl("http://h");
    const auto url = http::ParseUrl(target, &*base);
    if (!url) return false;
    const Hosts& hosts = HostsOf(redirect);
    if (IsAbsolute(target) && !HostsCover(hosts, {std::string(url->get_hostname())})) return false;
    std::string buffer;
    const std::string path(compiled::NormalPath(url->get_pathname(), buffer));
    if (redirect.source == Source::kExact) return path == redirect.path;
    if (redirect.source == Source::kPrefix) return IsBelow(path, redirect.path);
    return RE2::FullMatch(path, RE2(redirect.path, RE2::Quiet));
  }

  static Form FormOf(const Redirect& redirect) {
    if (redirect.source != Source::kPattern) return {redirect.source, redirect.path, nullptr, {}};
    auto regex = std::make_shared<const RE2>(redirect.path, RE2::Quiet);
    std::string literal = LiteralPrefix(redirect.path);
    return {redirect.source, redirect.path, std::move(regex), std::move(literal)};
  }

  // Compares it with all that come before it. False: it can never answer.
  bool FindItsPlace(Redirect& redirect, const Form& form, bool second) {
    if (form.source == Source::kExact) {
      const auto same = exact_.find(form.path);
      for (size_t index = same == exact_.end() ? kNone : same->second; index != kNone;
           index = before_[index]) {
        if (!Compare(index, redirect, form, second)) return false;
      }
    }
    return std::all_of(others_.begin(), others_.end(),
                       [&](size_t index) { return Compare(index, redirect, form, second); });
  }

  bool Compare(size_t index, Redirect& redirect, const Form& form, bool second) {
    const Redirect& earlier = kept_[index];
    const auto known = forms_.find(index);
    if (known == forms_.end()) exact_form_.path = earlier.path;
    const Form& earlier_form = known == forms_.end() ? exact_form_ : known->second;
    if (!PathsOverlap(earlier_form, form)) return true;
    if (!HostsOverlap(HostsOf(earlier), HostsOf(redirect))) return true;
    if (earlier.conditions == nullptr && HostsCover(HostsOf(earlier), HostsOf(redirect)) &&
        PathCovers(earlier_form, form)) {
      if (redirect.act == Act::kLeave || second) return false;
      report_.Skip(redirect.place,
                   Cat("can never answer: line ", earlier.place.line, " comes first"),
                   "remove it, or move it up");
      return false;
    }
    if (earlier.act == Act::kLeave && redirect.act != Act::kLeave) needed_[index] = true;
    if (OvertakesIn(redirect, earlier)) Demote(redirect, earlier, second);
    return true;
  }

  // Patterns are few: of very many pages that an earlier line answers for one host, most stay.
  void Demote(Redirect& redirect, const Redirect& earlier, bool second) {
    if (redirect.source == Source::kExact && ++demoted_ > kMaxDemoted) {
      if (second) return;
      return report_.Change(
          redirect.place, Cat("answers also for the hosts or clients of line ", earlier.place.line),
          "name the hosts of the other lines with --host, or divide the file");
    }
    BecomePattern(redirect);
  }

  static bool PathsOverlap(const Form& a, const Form& b) {
    if (a.source == Source::kPattern) return PatternMeets(a, b);
    if (b.source == Source::kPattern) return PatternMeets(b, a);
    return Contains(a, b) || Contains(b, a);
  }

  static bool PatternMeets(const Form& pattern, const Form& other) {
    switch (other.source) {
      case Source::kExact:
        return RE2::FullMatch(other.path, *pattern.regex);
      case Source::kPrefix: {
        const std::string path = Lower(other.path);
        return IsBelow(pattern.literal, path) || path.starts_with(pattern.literal);
      }
      case Source::kPattern:
        break;
    }
    return pattern.literal.starts_with(other.literal) || other.literal.starts_with(pattern.literal);
  }

  static bool Contains(const Form& a, const Form& b) {
    return a.source == Source::kPrefix ? IsBelow(b.path, a.path)
                                       : b.source == Source::kExact && a.path == b.path;
  }

  // Given that they overlap.
  static bool PathCovers(const Form& earlier, const Form& later) {
    if (later.source == Source::kExact) return true;
    if (later.source == Source::kPrefix) {
      return earlier.source == Source::kPrefix && IsBelow(later.path, earlier.path);
    }
    return (earlier.source == Source::kPattern && earlier.path == later.path) ||
           (earlier.source == Source::kPrefix && earlier.path == "/");
  }

  // Whether our order tries it before one that comes earlier.
  [[nodiscard]] bool OvertakesIn(const Redirect& redirect, const Redirect& earlier) const {
    if (redirect.source != earlier.source) return redirect.source < earlier.source;
    if (redirect.source == Source::kPattern) return false;
    if (redirect.path.size() != earlier.path.size()) {
      return redirect.path.size() > earlier.path.size();
    }
    return Most(HostsOf(redirect)) > Least(HostsOf(earlier));
  }

  static void BecomePattern(Redirect& redirect) {
    const std::string literal = Quoted(redirect.path == "/" ? "" : redirect.path);
    if (redirect.source == Source::kExact) {
      redirect.path = Quoted(redirect.path);
    } else if (const size_t at = redirect.target.find("{rest}"); at == std::string::npos) {
      redirect.path = literal + "(?:/.*)?";
    } else if (redirect.target[at - 1] == '/') {
      redirect.path = literal + "(?:/(?P<rest>.*))?";
    } else if (IsAbsolute(redirect.target) && redirect.target.find('/', kBehindScheme) > at) {
      redirect.path = literal + "(?:/(?P<rest>.*))?";
      redirect.target.insert(at, "/");
    } else {
      redirect.path = literal + "(?P<rest>(?:/.*)?)";
    }
    if (redirect.ignore_case) redirect.path.insert(0, "(?i)");
    redirect.source = Source::kPattern;
  }

  const Hosts& hosts_;
  Report& report_;
  Redirects kept_;
  std::unordered_map<size_t, Form> forms_;
  Form exact_form_ = {Source::kExact, {}, nullptr, {}};
  std::vector<bool> needed_;
  std::unordered_map<std::string, size_t> exact_;  // The last of a path;
  std::vector<size_t> before_;                     // the one of the same path before it.
  std::vector<size_t> others_;
  size_t demoted_ = 0;
};

}  // namespace

Redirects Settle(Redirects redirects, const std::vector<std::string>& hosts, Report& report) {
  Settler settler(hosts, report);
  for (Redirect& redirect : redirects) {
    const bool twice =
        redirect.source == Source::kExact && redirect.either_slash && redirect.path.size() > 1;
    if (twice && redirect.path.ends_with('/')) redirect.path.pop_back();
    if (!twice) {
      settler.Add(std::move(redirect), false);
    } else if (settler.Add(redirect, false)) {
      redirect.path += '/';
      settler.Add(std::move(redirect), true);
    }
  }
  return settler.Take();
}

}  // namespace fingerpost::policy::formats

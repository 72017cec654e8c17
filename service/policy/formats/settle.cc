#include "policy/formats/settle.h"

#include <absl/container/flat_hash_map.h>
#include <re2/re2.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "policy/compiled/regex.h"
#include "policy/formats/cat.h"
#include "policy/formats/fit.h"
#include "policy/formats/pattern.h"
#include "policy/formats/reach.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kNone = std::numeric_limits<size_t>::max();
constexpr size_t kMaxDemoted = 100;
// Of prefixes and patterns, each of which is compared with all: more than a policy has rules.
constexpr size_t kMaxOthers = 20'000;

// The more, the earlier among equal paths: a host, then the longest domain ("*.x" before ".x"),
// then every host.
size_t Specificity(std::string_view host) {
  return IsDomain(host) ? host.size() : std::numeric_limits<size_t>::max();
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

// What every text begins with that the pattern matches, as far as it is plain, in lower case.
std::string LiteralPrefix(std::string_view pattern) {
  if (pattern.starts_with("(?i)")) pattern.remove_prefix(4);
  if (compiled::MayHaveAlternatives(pattern)) return {};
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
  Settler(const Hosts& hosts, size_t folded, Report& report)
      : hosts_(hosts), report_(report), fit_(hosts, folded, report) {}

  // `second`: the other form of the redirect before it, which the report has named. False: it is
  // none that the policy has.
  bool Add(Redirect redirect, bool second) {
    if (!fit_.Check(redirect, second)) return false;
    if (redirect.act == Act::kUpgrade) {  // Before all rules.
      const auto left = std::find_if(kept_.begin(), kept_.end(), [&](const Redirect& earlier) {
        return earlier.http_only && earlier.act != Act::kUpgrade &&
               HostsOverlap(HostsOf(earlier), HostsOf(redirect));
      });
      if (left != kept_.end()) {
        report_.Change(redirect.place,
                       Cat("leads to https before ", LineOf(*left, redirect), " is looked at"),
                       "name the paths that http serves in https_exempt");
      }
      before_.push_back(kNone);
      Keep(std::move(redirect), {});
      return true;
    }
    const Form form = FormOf(redirect);
    if (form.source != Source::kExact && others_.size() == kMaxOthers) {
      report_.Skip(redirect.place, "is a rule, of which a policy has at most 10000",
                   "divide the file");
      return false;
    }
    if (!FindItsPlace(redirect, form, second)) return false;
    const size_t index = kept_.size();
    size_t before = kNone;
    if (form.source == Source::kExact) {
      const auto [last, added] = exact_.try_emplace(form.path, index);
      if (!added) before = std::exchange(last->second, index);
      const std::string_view host = OneHost(redirect);
      if (redirect.act == Act::kLeave && left_alone_.size() < kMaxOthers) {
        left_alone_.push_back(index);
      }
      if (host.empty()) {
        of_many_[form.path].push_back(index);
      } else {
        of_host_[Cat(host, form.path)].push_back(index);
      }
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

  void Keep(Redirect redirect, const Form& form) {
    const bool uncounted = left_alone_.size() == kMaxOthers && redirect.source == Source::kExact;
    needed_.push_back(redirect.act != Act::kLeave || uncounted);
    kept_.push_back(std::move(redirect));
    // The form of most is what they are.
    const Redirect& kept = kept_.back();
    if (kept.source != Source::kExact) forms_.emplace(kept_.size() - 1, form);
  }

  [[nodiscard]] const Hosts& HostsOf(const Redirect& redirect) const {
    return redirect.hosts.empty() ? hosts_ : redirect.hosts;
  }

  // Of what comes before `redirect`, which may be in another file.
  [[nodiscard]] std::string LineOf(const Redirect& earlier, const Redirect& redirect) const {
    std::string line = Cat("line ", earlier.place.line);
    if (earlier.place.file == redirect.place.file) return line;
    return Cat(line, " of ", report_.file(earlier.place));
  }

  // The one host that it is for; "" where it is for others, too.
  [[nodiscard]] std::string_view OneHost(const Redirect& redirect) const {
    const Hosts& hosts = HostsOf(redirect);
    return hosts.size() == 1 && !IsDomain(hosts[0]) ? std::string_view(hosts[0]) : "";
  }

  static Form FormOf(const Redirect& redirect) {
    if (redirect.source != Source::kPattern) return {redirect.source, redirect.path, nullptr, {}};
    auto regex = std::make_shared<const RE2>(redirect.path, RE2::Quiet);
    std::string literal = LiteralPrefix(redirect.path);
    return {redirect.source, redirect.path, std::move(regex), std::move(literal)};
  }

  // Compares it with all that come before it. False: it can never answer.
  bool FindItsPlace(Redirect& redirect, const Form& form, bool second) {
    const auto compare = [&](size_t index) { return Compare(index, redirect, form, second); };
    const std::string_view host = OneHost(redirect);
    if (form.source == Source::kExact && !host.empty()) {
      // Very many hosts have the same path.
      const auto own = of_host_.find(Cat(host, form.path));
      const auto many = of_many_.find(form.path);
      if (own != of_host_.end() && !std::ranges::all_of(own->second, compare)) return false;
      if (many != of_many_.end() && !std::ranges::all_of(many->second, compare)) return false;
    } else if (form.source == Source::kExact) {
      const auto same = exact_.find(form.path);
      for (size_t index = same == exact_.end() ? kNone : same->second; index != kNone;
           index = before_[index]) {
        if (!Compare(index, redirect, form, second)) return false;
      }
    }
    if (!std::ranges::all_of(others_, compare)) return false;
    // An exact path comes first in our order, too; a later pattern only makes it needed.
    return form.source == Source::kExact || std::ranges::all_of(left_alone_, compare);
  }

  bool Compare(size_t index, Redirect& redirect, const Form& form, bool second) {
    const Redirect& earlier = kept_[index];
    const auto known = forms_.find(index);
    if (known == forms_.end()) exact_form_.path = earlier.path;
    const Form& earlier_form = known == forms_.end() ? exact_form_ : known->second;
    if (!PathsOverlap(earlier_form, form)) return true;
    if (!HostsOverlap(HostsOf(earlier), HostsOf(redirect))) return true;
    // What only http asks for hides nothing from https, of which the policy sees no difference.
    const bool other_scheme = earlier.http_only && !redirect.http_only &&
                              earlier.act == Act::kRedirect && redirect.act == Act::kRedirect;
    if (other_scheme && OvertakesIn(redirect, earlier)) {
      if (!second) {
        report_.Change(redirect.place,
                       Cat("answers http, too, where ", LineOf(earlier, redirect), " comes first"),
                       "nothing needs to be done where http leads to the same page in the end");
      }
      return true;
    }
    if (earlier.conditions == nullptr && HostsCover(HostsOf(earlier), HostsOf(redirect)) &&
        PathCovers(earlier_form, form)) {
      if (redirect.act == Act::kLeave || second) return false;
      if (other_scheme) {
        report_.Skip(redirect.place,
                     Cat("is for https, and ", LineOf(earlier, redirect),
                         ", which is for http, comes first in a policy that has no schemes"),
                     "choose one of them, or write require_https for the host");
        return false;
      }
      report_.Skip(redirect.place,
                   Cat("can never answer: ", LineOf(earlier, redirect), " comes first"),
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
          redirect.place,
          Cat("answers also for the hosts or clients of ", LineOf(earlier, redirect)),
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

  const Hosts& hosts_;
  Report& report_;
  Fit fit_;
  Redirects kept_;
  absl::flat_hash_map<size_t, Form> forms_;
  Form exact_form_ = {Source::kExact, {}, nullptr, {}};
  std::vector<bool> needed_;
  absl::flat_hash_map<std::string, size_t> exact_;  // The last of a path;
  std::vector<size_t> before_;                      // the one of the same path before it.
  absl::flat_hash_map<std::string, std::vector<size_t>> of_host_;  // Of one host, by it and path.
  absl::flat_hash_map<std::string, std::vector<size_t>> of_many_;  // The others, by path.
  std::vector<size_t> others_;
  std::vector<size_t> left_alone_;  // Exact ones; more are needed unseen.
  size_t demoted_ = 0;
};

// Whether it says that http has nothing else, as beside a redirect to https.
bool IsRestOfHttp(const Redirect& redirect) {
  return redirect.http_only && redirect.act == Act::kRedirect && IsBare(redirect.code) &&
         redirect.source == Source::kPrefix && redirect.path == "/" &&
         redirect.conditions == nullptr;
}

// Takes the host that leads to itself over https out of those that http asks for; nullopt: none.
std::optional<Redirect> TakeUpgrade(Redirect& redirect) {
  const bool whole = redirect.http_only && redirect.act == Act::kRedirect &&
                     redirect.source == Source::kPrefix && redirect.path == "/" &&
                     redirect.conditions == nullptr && redirect.query != v1::QUERY_MODE_DROP;
  const auto same = [&redirect](const std::string& host) {
    return redirect.target == Cat("https://", host, "{rest}") ||
           redirect.target == Cat("https://", host, "/{rest}");
  };
  const auto found = std::find_if(redirect.hosts.begin(), redirect.hosts.end(), same);
  if (!whole || found == redirect.hosts.end()) return std::nullopt;
  Redirect upgrade = redirect;
  upgrade.act = Act::kUpgrade;
  upgrade.target.clear();
  upgrade.hosts = {*found};
  redirect.hosts.erase(found);
  return upgrade;
}

}  // namespace

Redirects Settle(Redirects redirects, const std::vector<std::string>& hosts, Report& report) {
  const auto folded =
      std::count_if(redirects.begin(), redirects.end(), [](const Redirect& redirect) {
        return redirect.ignore_case && redirect.source == Source::kExact;
      });
  Settler settler(hosts, static_cast<size_t>(folded), report);
  bool told_http = false;
  for (Redirect& redirect : redirects) {
    if (std::optional<Redirect> upgrade = TakeUpgrade(redirect)) {
      settler.Add(*std::move(upgrade), false);
      if (redirect.hosts.empty()) continue;
    }
    if (IsRestOfHttp(redirect)) {
      report.Note(redirect.place,
                  Cat("answers whatever else http asks for with ", redirect.code,
                      "; the policy, which does not know about https, leaves it alone"),
                  "nothing needs to be done where the server answers so itself");
      redirect.act = Act::kLeave;
    }
    if (redirect.http_only && redirect.act == Act::kRedirect && !std::exchange(told_http, true)) {
      report.Note(redirect.place,
                  "this redirect, and others, hold for http; the policy's for https, too",
                  "nothing needs to be done where only one of them is served");
    }
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

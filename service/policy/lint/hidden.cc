#include <absl/strings/str_cat.h>

#include <algorithm>

#include "policy/compiled/exceptions.h"
#include "policy/compiled/places.h"
#include "policy/lint/lint.h"
#include "policy/lint/paths.h"

namespace fingerpost::policy::lint {
namespace {

using Path = compiled::Conditions::Path;

// Rules for some hosts of which a rule for every host takes a part, because its path is more
// specific. It is told once for each of them.
class Hidden {
 public:
  Hidden(const v1::Policy& policy, const compiled::Snapshot& snapshot, const Names& names,
         message::Faults& faults)
      : policy_(policy), rules_(snapshot.rules.rules()), names_(names), faults_(faults) {}

  void Run() {
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (MayHide(rules_[i])) everywhere_.push_back(i);
    }
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (rules_[i].broken || rules_[i].hosts.empty()) continue;
      const auto first = std::find_if(everywhere_.begin(), everywhere_.end(),
                                      [&](size_t other) { return Hides(other, i); });
      if (first != everywhere_.end()) Warn(i, *first);
    }
  }

 private:
  // One that passes, or has nothing to do on the right host, is meant to come first everywhere.
  static bool MayHide(const compiled::Rule& rule) {
    return !rule.broken && rule.hosts.empty() && !rule.shadow && !rule.pass &&
           rule.path_kind != Path::kAny && !compiled::OnlyCanonicalises(rule.intent);
  }

  [[nodiscard]] Place PlaceOf(size_t i) const {
    return {policy_.rules(static_cast<int>(i)).match(), rules_[i]};
  }

  // A pattern comes after the other one in the order of the document only.
  static bool IsMoreSpecific(const compiled::Rule& rule, const compiled::Rule& other) {
    if (rule.path_kind == Path::kExact) return other.path_kind != Path::kExact;
    if (rule.path_kind == Path::kPrefix && other.path_kind == Path::kPrefix) {
      return rule.path.size() > other.path.size();
    }
    if (rule.path_kind == Path::kPrefix) return other.path_kind != Path::kExact;
    return other.path_kind == Path::kAny;
  }

  // Whether one request can have a method of both.
  static bool MethodsMeet(const compiled::Rule& a, const compiled::Rule& b) {
    const auto has = [](const compiled::Rule& rule, const std::string& method) {
      return std::find(rule.methods.begin(), rule.methods.end(), method) != rule.methods.end();
    };
    const auto takes = [&has](const compiled::Rule& rule, const std::string& method) {
      return has(rule, method) || (method == "HEAD" && has(rule, "GET"));
    };
    const auto meets = [&takes](const compiled::Rule& one, const compiled::Rule& other) {
      return std::any_of(one.methods.begin(), one.methods.end(),
                         [&](const std::string& method) { return takes(other, method); });
    };
    return a.methods.empty() || b.methods.empty() || meets(a, b) || meets(b, a);
  }

  // A client is of one kind.
  static bool ClientsMeet(const compiled::Rule& a, const compiled::Rule& b) {
    return a.clients.empty() || b.clients.empty() ||
           std::find_first_of(a.clients.begin(), a.clients.end(), b.clients.begin(),
                              b.clients.end()) != a.clients.end();
  }

  // A prefix and a regular expression may share paths or not.
  [[nodiscard]] bool IsKnown(size_t wide, size_t narrow) const {
    return rules_[wide].path_kind == Path::kExact || !PlaceOf(narrow).match.has_path_regex();
  }

  [[nodiscard]] bool Hides(size_t wide, size_t narrow) const {
    const compiled::Rule& rule = rules_[wide];
    return IsMoreSpecific(rule, rules_[narrow]) && IsKnown(wide, narrow) &&
           RelationOfPaths(PlaceOf(wide), PlaceOf(narrow)) == Relation::kMeets &&
           MethodsMeet(rule, rules_[narrow]) && ClientsMeet(rule, rules_[narrow]) &&
           !LeavesOut(narrow, wide) && !LeavesOut(wide, narrow);
  }

  // Whether an exception of `rule` leaves out the hosts and paths that both are for.
  [[nodiscard]] bool LeavesOut(size_t rule, size_t other) const {
    const v1::Match& match = PlaceOf(rule).match;
    for (size_t i = 0; i < rules_[rule].exceptions.size(); ++i) {
      const compiled::Conditions& exception = rules_[rule].exceptions[i];
      const Place left_out = {match.not_(static_cast<int>(i)), exception};
      const bool hosts = exception.hosts.empty() || CoversHosts(exception, rules_[rule]) ||
                         CoversHosts(exception, rules_[other]);
      if (hosts && compiled::AsksForUrlOnly(exception) &&
          (RelationOfPaths(left_out, PlaceOf(other)) == Relation::kCovers ||
           RelationOfPaths(left_out, PlaceOf(rule)) == Relation::kCovers)) {
        return true;
      }
    }
    return false;
  }

  void Warn(size_t narrow, size_t wide) {
    faults_.Warning(
        compiled::kRulesPlace[static_cast<int>(narrow)],
        absl::StrCat("is partly hidden: ", names_.Of(wide),
                     ", which is for every host, has the more specific path and comes first, on ",
                     PlaceOf(narrow).match.hosts(0),
                     ", too; give it the hosts that it is for in match.hosts, or name in match.not "
                     "of one of them what is the other's"));
  }

  const v1::Policy& policy_;
  const std::vector<compiled::Rule>& rules_;
  const Names& names_;
  message::Faults& faults_;
  std::vector<size_t> everywhere_;
};

}  // namespace

void CheckHidden(const v1::Policy& policy, const compiled::Snapshot& snapshot, const Names& names,
                 message::Faults& faults) {
  Hidden(policy, snapshot, names, faults).Run();
}

}  // namespace fingerpost::policy::lint

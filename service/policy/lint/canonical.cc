#include <absl/strings/str_cat.h>

#include "core/decide/intent_targets.h"
#include "core/decide/placeholders.h"
#include "policy/compiled/places.h"
#include "policy/lint/lint.h"
#include "policy/lint/sample.h"

namespace fingerpost::policy::lint {
namespace {

// Of rows that lead to another form; more help nobody.
constexpr int kMaxRows = 20;

class Canonical {
 public:
  Canonical(const v1::Policy& policy, const compiled::Snapshot& snapshot, message::Faults& faults)
      : policy_(policy), snapshot_(snapshot), faults_(faults) {}

  void Lint(const v1::Intent& intent, const std::string& sample, const message::Place& at) {
    const auto base = http::ParseUrl(sample);
    if (!base) return;
    decide::ForEachTarget(intent, at, [&](const message::Place& place, const std::string& target) {
      // What a request puts into it has the form that the request has.
      if (decide::BeforePlaceholders(target).size() != target.size()) return;
      const std::string better = Better(target, *base);
      if (!better.empty()) faults_.Warning(place, Text("", better));
    });
  }

  void LintRows() {
    const auto base = http::ParseUrl(SampleUrl({}));
    int found = 0;
    snapshot_.rules.maps().ForEach([&](const compiled::MapEntry& row) {
      if (found == kMaxRows || row.target.empty()) return;
      const std::string better = Better(row.target, *base);
      if (better.empty()) return;
      ++found;
      faults_.Warning(
          compiled::kMapsPlace[row.map],
          Text(absl::StrCat("line ", row.line, " of ", policy_.maps(row.map).file(), " "), better));
    });
  }

 private:
  static std::string Text(const std::string& what, const std::string& better) {
    return what + "leads to a URL that canonical leads on, a hop more; write \"" + better + '"';
  }

  // The target in its right form; empty when it has that, or a rule answers there.
  [[nodiscard]] std::string Better(std::string_view target, const http::Url& base) const {
    const auto url = http::ParseUrl(target, &base);
    if (!url || !http::IsHttp(*url)) return {};
    const auto canonical = CanonicalOf(snapshot_, *url);
    if (!canonical) return {};
    // The host of a path is the request's, which nobody knows here.
    const bool is_path = url->get_host() == base.get_host();
    if (is_path && canonical->get_pathname() == url->get_pathname()) return {};
    bool is_answered = false;
    VisitUrl(snapshot_, std::string(url->get_href()), [&](const compiled::Candidate&) {
      is_answered = true;
      return false;
    });
    if (is_answered) return {};
    std::string better(is_path ? canonical->get_pathname() : canonical->get_href());
    return better.append(url->get_search()).append(url->get_hash());
  }

  const v1::Policy& policy_;
  const compiled::Snapshot& snapshot_;
  message::Faults& faults_;
};

}  // namespace

void CheckCanonical(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                    message::Faults& faults) {
  if (snapshot.canonical.empty()) return;
  Canonical canonical(policy, snapshot, faults);
  for (int i = 0; i < policy.rules_size(); ++i) {
    const v1::Rule& rule = policy.rules(i);
    if (!rule.has_intent() || snapshot.rules.rules()[static_cast<size_t>(i)].broken) continue;
    const std::string sample = SampleUrl(rule.match());
    canonical.Lint(rule.intent(), sample.empty() ? SampleUrl({}) : sample,
                   compiled::kRulesPlace.Element(i, "intent"));
  }
  for (const auto& [name, named] : policy.intents()) {
    const message::Place at = compiled::kIntentsPlace.Key(name);
    canonical.Lint(named.intent(), SampleUrl({}), at["intent"]);
  }
  canonical.LintRows();
}

}  // namespace fingerpost::policy::lint

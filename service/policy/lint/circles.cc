#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "core/http/url.h"
#include "policy/compiled/exceptions.h"
#include "policy/compiled/path.h"
#include "policy/compiled/places.h"
#include "policy/lint/lint.h"
#include "policy/lint/sample.h"

namespace fingerpost::policy::lint {
namespace {

// Longer circles are rare, and every client soon gives up on them.
constexpr size_t kMaxHops = 10;
// For rows, because there may be millions.
constexpr size_t kMaxRowHops = 4;
// Most reported circles of rows; more help nobody.
constexpr size_t kMaxRowCircles = 20;

// Whether the client repeats its request: with the same method and without new cookies.
bool RepeatsTheRequest(v1::Purpose purpose) {
  constexpr std::array kPurposes = {v1::PURPOSE_TEMPORARY_MOVE, v1::PURPOSE_PERMANENT_MOVE,
                                    v1::PURPOSE_CANONICAL_URL,  v1::PURPOSE_CAMPAIGN,
                                    v1::PURPOSE_REROUTE,        v1::PURPOSE_DESCRIBES};
  return std::find(kPurposes.begin(), kPurposes.end(), purpose) != kPurposes.end();
}

// Exceptions of hosts and paths are known with the URL (see VisitUrl), and clients keep asking for
// the same languages.
bool DependsOnTheRequest(const compiled::Rule& rule) {
  return !rule.query.empty() || !rule.fields.empty() || !rule.cookies.empty() ||
         !rule.clients.empty() || rule.share ||
         !std::all_of(rule.exceptions.begin(), rule.exceptions.end(), compiled::AsksForUrlOnly);
}

// Whether the rule may leave the request to the next one.
bool IsConditional(const compiled::Rule& rule) {
  return rule.shadow || !rule.methods.empty() || rule.languages || DependsOnTheRequest(rule) ||
         compiled::MaySleep(rule.intent);
}

// A redirect on the way: a rule, a row of a map, or defaults.canonical.
struct Hop {
  const compiled::Rule* rule = nullptr;
  compiled::MapEntry row;
  v1::Intent intent;
  bool canonical = false;

  [[nodiscard]] bool leads() const { return rule != nullptr || row.line != 0 || canonical; }
};

class Circles {
 public:
  Circles(const v1::Policy& policy, const compiled::Snapshot& snapshot, message::Faults& faults)
      : policy_(policy), snapshot_(snapshot), faults_(faults) {}

  // Follows the redirect, and those after it, until the rule is the first to match again.
  void LintRule(const compiled::Rule& rule, int index) {
    if (rule.broken || rule.shadow || DependsOnTheRequest(rule)) return;
    const v1::Match& match = policy_.rules(index).match();
    if (IsCircle(rule, index, match) || !match.hosts().empty()) return;
    // Some hosts have a canonical form of their own.
    for (const v1::HostDefaults& own : policy_.hosts()) {
      if (!own.defaults().has_canonical() || own.hosts().empty()) continue;
      v1::Match there = match;
      there.add_hosts(own.hosts(0));
      if (IsCircle(rule, index, there)) return;
    }
  }
  // Rows with paths as targets that lead back, unless a rule answers one of them.
  void LintMaps() {
    std::vector<std::vector<compiled::MapEntry>> circles;
    snapshot_.rules.maps().ForEach([&](const compiled::MapEntry& row) {
      if (circles.size() == kMaxRowCircles) return;
      auto next = NextRow(row);
      if (!next) return;
      std::vector<compiled::MapEntry> rows = {row};
      // The circle is told once, by the first of its rows.
      while (next && std::tie(next->map, next->line) >= std::tie(row.map, row.line)) {
        if (next->map == row.map && next->line == row.line) {
          if (!IsBroken(rows)) circles.push_back(std::move(rows));
          return;
        }
        if (rows.size() == kMaxRowHops) return;
        rows.push_back(*next);
        next = NextRow(rows.back());
      }
    });
    for (const auto& rows : circles) {
      std::string way;
      for (size_t i = 1; i < rows.size(); ++i)
        absl::StrAppend(&way, i > 1 ? ", " : "", Name(rows[i]));
      if (rows.size() == 1) way = "defaults.canonical";
      faults_.Error(compiled::kMapsPlace[rows[0].map],
                    absl::StrCat(Name(rows[0]), " leads back to itself by ", way,
                                 ": clients would go in circles; remove one of them"));
    }
  }

 private:
  // From the rule's path as it is written, and in the form that canonical gives to it.
  bool IsCircle(const compiled::Rule& rule, int index, const v1::Match& match) {
    const std::string sample = SampleUrl(match);
    if (IsCircleFrom(rule, index, sample)) return true;
    const auto url = http::ParseUrl(sample);
    const auto canonical = url ? CanonicalOf(snapshot_, *url) : std::nullopt;
    return canonical && IsCircleFrom(rule, index, std::string(canonical->get_href()));
  }

  // True: it is reported.
  bool IsCircleFrom(const compiled::Rule& rule, int index, const std::string& sample) {
    auto url = http::ParseUrl(sample);
    if (!url) return false;
    const std::string host(url->get_hostname());
    std::vector<Hop> hops = {{&rule, {}, IntentFor(snapshot_, rule, sample)}};
    if (!IsMet(rule, sample) || FindsNothingToDo(hops.front().intent, *url)) return false;
    while (hops.size() <= kMaxHops) {
      url = Next(hops.back().intent, *url);
      if (!url) return false;
      const bool elsewhere = url->get_hostname() != host;
      Hop next = FirstAt(*url, rule);
      // A rule for every host may not be asked on the other host, unless canonical leads there.
      const bool is_for_host =
          next.canonical || hops.back().canonical ||
          (next.rule == nullptr ? next.row.host != compiled::kAnyHost : !next.rule->hosts.empty());
      if (next.rule == &rule && (hops.size() == 1 || !elsewhere || is_for_host)) {
        Report(hops, index, elsewhere);
        return true;
      }
      if (next.rule == &rule || (elsewhere && !is_for_host) || !next.leads()) return false;
      hops.push_back(std::move(next));
    }
    return false;
  }

  // The client's next URL; nothing if it does not repeat its request.
  [[nodiscard]] static std::optional<http::Url> Next(const v1::Intent& intent,
                                                     const http::Url& base) {
    if (!RepeatsTheRequest(intent.purpose()) || intent.target().empty()) return std::nullopt;
    auto target = http::ParseUrl(intent.target(), &base);
    if (!target || !http::IsHttp(*target)) return std::nullopt;
    return target;
  }

  // The redirect for a request to the URL that meets no conditions, except those of `start`.
  [[nodiscard]] Hop FirstAt(const http::Url& url, const compiled::Rule& start) const {
    Hop first;
    VisitUrl(snapshot_, std::string(url.get_href()), [&](const compiled::Candidate& candidate) {
      if (candidate.rule == nullptr) {
        Hop row = {nullptr, *candidate.entry, {}};
        row.intent = snapshot_.maps[row.row.map].intents[row.row.code];
        row.intent.set_target(std::string(row.row.target));
        if (FindsNothingToDo(row.intent, url)) return true;
        first = std::move(row);
        return compiled::MaySleep(first.intent);
      }
      if (candidate.rule != &start && (IsConditional(*candidate.rule) || candidate.rule->broken)) {
        return true;
      }
      v1::Intent intent = FilledIntent(*candidate.rule, candidate.captures);
      if (FindsNothingToDo(intent, url)) return true;
      first = {candidate.rule, {}, std::move(intent)};
      return false;
    });
    const auto canonical = first.leads() ? std::nullopt : CanonicalOf(snapshot_, url);
    if (!canonical) return first;
    first.canonical = true;
    first.intent.set_purpose(v1::PURPOSE_CANONICAL_URL);
    first.intent.set_target(std::string(canonical->get_href()));
    return first;
  }

  // The rule's exceptions may leave the sample out.
  [[nodiscard]] bool IsMet(const compiled::Rule& rule, const std::string& url) const {
    bool met = false;
    VisitUrl(snapshot_, url, [&](const compiled::Candidate& candidate) {
      met = candidate.rule == &rule;
      return !met;
    });
    return met;
  }

  [[nodiscard]] std::optional<compiled::MapEntry> NextRow(const compiled::MapEntry& row) const {
    const v1::Intent& intent = snapshot_.maps[row.map].intents[row.code];
    if (!RepeatsTheRequest(intent.purpose()) || compiled::MaySleep(intent)) return std::nullopt;
    std::string_view target = row.target;
    if (!target.starts_with('/') || target.starts_with("//")) return std::nullopt;
    target = target.substr(0, target.find('#'));
    const size_t mark = std::min(target.find('?'), target.size());
    const std::string_view query = target.substr(mark);
    target = target.substr(0, mark);
    const compiled::MapRows& maps = snapshot_.rules.maps();
    if (auto next = maps.FindFirst(row.host, target, query)) return next;
    const auto path = compiled::ParsePath(target);
    if (!path) return std::nullopt;
    if (auto next = maps.FindFirst(row.host, *path, query)) return next;
    return snapshot_.canonical.empty() ? std::nullopt : RowAfterCanonical(row, *path, query);
  }

  // The row for the form that canonical gives to a path for which there is no row.
  [[nodiscard]] std::optional<compiled::MapEntry> RowAfterCanonical(const compiled::MapEntry& row,
                                                                    const std::string& path,
                                                                    std::string_view query) const {
    const std::string& host = policy_.maps(row.map).host();
    const bool is_anywhere = row.host == compiled::kAnyHost;
    // The host of a source that is a URL is not known here.
    if (host.empty() && !is_anywhere) return std::nullopt;
    v1::Match match;
    match.set_path(path);
    if (!host.empty()) match.add_hosts(host);
    const auto url = http::ParseUrl(SampleUrl(match));
    const auto canonical = url ? CanonicalOf(snapshot_, *url) : std::nullopt;
    if (!canonical || (!is_anywhere && canonical->get_hostname() != url->get_hostname())) {
      return std::nullopt;
    }
    std::string buffer;
    const auto next = snapshot_.rules.maps().FindFirst(
        row.host, compiled::NormalPath(canonical->get_pathname(), buffer), query);
    // A rule, also one that passes, may answer before canonical.
    const compiled::Rule none;
    return next && FirstAt(*url, none).rule == nullptr ? next : std::nullopt;
  }

  // Whether a rule answers before one of the rows does.
  [[nodiscard]] bool IsBroken(const std::vector<compiled::MapEntry>& circle) const {
    const compiled::Rule none;
    return std::any_of(circle.begin(), circle.end(), [&](const compiled::MapEntry& row) {
      const std::string& host = policy_.maps(row.map).host();
      v1::Match match;
      match.set_path(std::string(row.path));
      if (!host.empty()) match.add_hosts(host);
      std::string sample = SampleUrl(match);
      if (!row.query.empty()) sample.append("?").append(row.query);
      const auto url = http::ParseUrl(sample);
      return url && FirstAt(*url, none).rule != nullptr;
    });
  }

  [[nodiscard]] std::string Name(const compiled::MapEntry& row) const {
    return absl::StrCat("line ", row.line, " of ", policy_.maps(row.map).file());
  }

  void Report(const std::vector<Hop>& hops, int index, bool elsewhere) {
    const message::Place at = compiled::kRulesPlace.Element(
        index, policy_.rules(index).has_intent() ? "intent.target" : "intent_name.target");
    if (hops.size() == 1) {
      return faults_.Error(
          at, elsewhere ? "is matched by the rule again, for it holds on every host: name the "
                          "hosts that moved in match.hosts"
                        : "is matched by the rule again: clients would go in circles; choose a "
                          "target that the rule does not match");
    }
    std::string way;
    for (size_t i = 1; i < hops.size(); ++i) {
      // The circle is told once, by the first of its rules.
      const compiled::Rule* other = hops[i].rule;
      // One for every host does not tell what holds on some.
      const bool tells = other != nullptr && (!other->hosts.empty() || hops[0].rule->hosts.empty());
      if (tells && other < hops[0].rule) return;
      absl::StrAppend(&way, i > 1 ? ", " : "",
                      hops[i].canonical         ? "defaults.canonical"
                      : hops[i].rule == nullptr ? Name(hops[i].row)
                                                : "rule " + hops[i].rule->id);
    }
    faults_.Error(at, absl::StrCat("leads back to the rule by ", way,
                                   ": clients would go in circles; end it at one of them"));
  }

  const v1::Policy& policy_;
  const compiled::Snapshot& snapshot_;
  message::Faults& faults_;
};

}  // namespace

void CheckCircles(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                  message::Faults& faults) {
  Circles circles(policy, snapshot, faults);
  const std::vector<compiled::Rule>& rules = snapshot.rules.rules();
  for (size_t i = 0; i < rules.size(); ++i) circles.LintRule(rules[i], static_cast<int>(i));
  circles.LintMaps();
}

}  // namespace fingerpost::policy::lint

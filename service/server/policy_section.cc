#include "server/policy_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/http/markup.h"
#include "server/admin_page.h"
#include "server/policy_stats.h"

namespace fingerpost {
namespace {

using policy::count::HitCounts;
using policy::count::kOutcomes;
using policy::count::MissSample;

constexpr size_t kShown = 100;  // rules, and as many names of those never hit

void Begin(std::string_view title, std::string_view columns, std::string& out) {
  out += fmt::format("<h2>{}</h2>\n<table><tr>{}</tr>\n", title, columns);
}

double Percent(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

// The most hits first; none without any.
std::vector<HitCounts> MostHit(std::vector<HitCounts> list) {
  std::erase_if(list, [](const HitCounts& counts) { return counts.hits() == 0; });
  std::stable_sort(list.begin(), list.end(),
                   [](const HitCounts& a, const HitCounts& b) { return a.hits() > b.hits(); });
  if (list.size() > kShown) list.resize(kShown);
  return list;
}

constexpr char kColumns[] =
    "<th>Name</th><th class=\"n\">hits</th><th class=\"n\">share</th>"
    "<th class=\"n\">refused</th><th>last hit</th>";

void AddList(std::string_view title, const std::vector<HitCounts>& list, uint64_t questions,
             std::string& out) {
  const std::vector<HitCounts> most = MostHit(list);
  if (most.empty()) return;
  Begin(title, kColumns, out);
  for (const HitCounts& counts : most) {
    const uint64_t refused = counts.by_outcome[v1::OUTCOME_REFUSE];
    out += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{:.1f} %</td>"
        "<td class=\"n{}\">{}</td><td>{}</td></tr>\n",
        http::Escaped(counts.name), counts.hits(), Percent(counts.hits(), questions),
        refused == 0 ? "" : " bad", refused, TimeText(counts.last));
  }
  out += "</table>\n";
}

void AddNeverHit(const std::vector<HitCounts>& rules, std::string& out) {
  size_t count = 0;
  std::string names;
  for (const HitCounts& counts : rules) {
    const bool is_default = &counts - rules.data() < 2;  // https, canonical
    if (is_default || counts.hits() != 0) continue;
    if (++count <= kShown) names += (count == 1 ? "" : ", ") + http::Escaped(counts.name);
  }
  if (count == 0) return;
  out += fmt::format("<p>{} never hit: {}{}</p>\n",
                     count == 1 ? "1 rule" : fmt::format("{} rules", count), names,
                     count > kShown ? ", …" : "");
}

void AddShadow(const std::vector<HitCounts>& shadow, std::string& out) {
  if (shadow.empty()) return;
  Begin("Rules in shadow mode",
        "<th>Rule</th><th class=\"n\">hits</th><th>would have answered</th><th>last hit</th>", out);
  for (size_t i = 0; i < std::min(shadow.size(), kShown); ++i) {
    const HitCounts& counts = shadow[i];
    std::string answers;
    for (size_t o = 0; o < kOutcomes; ++o) {
      if (counts.by_outcome[o] == 0) continue;
      answers += fmt::format("{}{} {}", answers.empty() ? "" : ", ",
                             OutcomeText(static_cast<v1::Outcome>(o)), counts.by_outcome[o]);
    }
    if (counts.last_status != 0) answers += fmt::format("; last {}", counts.last_status);
    out += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td></tr>\n",
                       http::Escaped(counts.name), counts.hits(), answers, TimeText(counts.last));
  }
  out += "</table>\n";
}

void AddRows(const std::vector<RowHits>& rows, std::string& out) {
  if (rows.empty()) return;
  Begin("Rows most hit", "<th>Row</th><th>Source</th><th class=\"n\">hits</th><th>last hit</th>",
        out);
  for (const RowHits& row : rows) {
    out +=
        fmt::format("<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
                    http::Escaped(row.id), http::Escaped(row.source), row.hits, TimeText(row.last));
  }
  out += "</table>\n";
}

void AddMisses(const PolicyHits& hits, std::string& out) {
  if (hits.misses == 0) return;
  out += fmt::format("<h2>Misses</h2>\n<p>{}, {:.1f} % of the questions. A sample:</p>\n",
                     hits.misses, Percent(hits.misses, hits.questions()));
  out += "<table><tr><th>URL</th><th class=\"n\">seen</th><th>last</th></tr>\n";
  for (const MissSample::Miss& miss : hits.sampled) {
    out += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
                       http::Escaped(miss.url), miss.seen, TimeText(miss.last));
  }
  out += "</table>\n";
}

}  // namespace

void AddPolicyHits(const PolicyHits& hits, const TopRows& rows, std::string& out) {
  const uint64_t questions = hits.questions();
  out += fmt::format(
      "<h2 id=\"hits\">Hits of the policy</h2>\n<p>{} questions of this replica since {}. "
      "<a href=\"/stats\">/stats</a> has all, as JSON.</p>\n",
      questions, TimeText(hits.since));
  AddList("Rules", hits.rules, questions, out);
  AddNeverHit(hits.rules, out);
  AddShadow(hits.shadow, out);
  AddList("Named intents", hits.intents, questions, out);
  AddList("Maps", hits.maps, questions, out);
  AddRows(rows.top, out);
  AddMisses(hits, out);
}

}  // namespace fingerpost

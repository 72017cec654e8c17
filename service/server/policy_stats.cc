#include "server/policy_stats.h"

#include <google/protobuf/util/time_util.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/message/enum_names.h"

namespace fingerpost {
namespace {

using google::protobuf::util::TimeUtil;
using policy::count::HitCounts;
using policy::count::kOutcomes;
using policy::count::MissSample;
using Json = nlohmann::ordered_json;

// RFC 3339; null for never.
Json Time(int64_t seconds) {
  if (seconds == 0) return nullptr;
  return TimeUtil::ToString(TimeUtil::SecondsToTimestamp(seconds));
}

Json Entry(const char* name, const HitCounts& counts) {
  Json outcomes = Json::object();
  for (size_t i = 0; i < kOutcomes; ++i) {
    if (counts.by_outcome[i] == 0) continue;
    outcomes[OutcomeText(static_cast<v1::Outcome>(i))] = counts.by_outcome[i];
  }
  return {{name, counts.name},
          {"since", Time(counts.since)},
          {"hits", counts.hits()},
          {"last_hit", Time(counts.last)},
          {"outcomes", std::move(outcomes)}};
}

Json Entries(const char* name, const std::vector<HitCounts>& list) {
  Json entries = Json::array();
  for (const HitCounts& counts : list) entries.push_back(Entry(name, counts));
  return entries;
}

Json Shadow(const std::vector<HitCounts>& list) {
  Json entries = Entries("rule", list);
  for (size_t i = 0; i < list.size(); ++i) {
    Json& last = entries[i]["last_answer"];
    if (list[i].last == 0) continue;
    last["outcome"] = OutcomeText(list[i].last_outcome);
    last["status"] = list[i].last_status;
  }
  return entries;
}

Json Maps(const PolicyHits& hits, const TopRows& rows) {
  Json entries = Entries("map", hits.maps);
  // A reload may lie between the two.
  for (size_t i = 0; i < std::min(entries.size(), rows.rows_hit.size()); ++i) {
    entries[i]["rows_hit"] = rows.rows_hit[i];
  }
  return entries;
}

Json Top(const std::vector<RowHits>& rows) {
  Json entries = Json::array();
  for (const RowHits& row : rows) {
    entries.push_back({{"row", row.id},
                       {"source", row.source},
                       {"hits", row.hits},
                       {"last_hit", Time(row.last)}});
  }
  return entries;
}

Json Misses(const PolicyHits& hits) {
  Json sampled = Json::array();
  for (const MissSample::Miss& miss : hits.sampled) {
    sampled.push_back({{"url", miss.url}, {"seen", miss.seen}, {"last_seen", Time(miss.last)}});
  }
  return {{"count", hits.misses}, {"sampled", std::move(sampled)}};
}

}  // namespace

std::optional<size_t> RowsOf(std::string_view text) {
  if (text.empty()) return kUsualRows;
  size_t rows = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rows);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && rows <= PolicyCounts::kMostRows ? std::optional(rows) : std::nullopt;
}

std::string OutcomeText(v1::Outcome outcome) {
  return outcome == v1::OUTCOME_UNSPECIFIED ? "error" : message::ShortEnumName(outcome);
}

std::string PolicyStatsJson(const PolicyHits& hits, const TopRows& rows) {
  const Json stats = {
      {"policy_version", hits.version}, {"since", Time(hits.since)},
      {"questions", hits.questions()},  {"rules", Entries("rule", hits.rules)},
      {"shadow", Shadow(hits.shadow)},  {"intents", Entries("intent", hits.intents)},
      {"maps", Maps(hits, rows)},       {"top_rows", Top(rows.top)},
      {"misses", Misses(hits)}};
  // A name or source that is not UTF-8 is no reason to say nothing.
  return stats.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fingerpost

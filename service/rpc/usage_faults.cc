#include "rpc/usage_faults.h"

#include <algorithm>
#include <string_view>

#include "core/message/faults.h"
#include "core/message/visible_text.h"

namespace fingerpost {
namespace {

using google::protobuf::RepeatedPtrField;
using message::Faults;
using message::Place;

constexpr uint64_t kMostHits = uint64_t{1} << 32;
constexpr int kMostEntries = 20'000;
constexpr int kMostMisses = 64;
constexpr size_t kMostSamples = 16;
constexpr size_t kLongestName = 64;                     // Also of a method.
constexpr size_t kLongestRule = kLongestName + 1 + 10;  // "MAP:LINE"
constexpr size_t kLongestMiss = 256;
constexpr size_t kLongestUrl = 8192;
constexpr int kMostShadowRules = 16;

void CheckHits(uint64_t hits, const Place& at, Faults& faults) {
  if (hits > kMostHits) faults.Error(at, message::AtMost(kMostHits, "hits", hits));
}

void CheckLength(std::string_view text, size_t most, const Place& at, Faults& faults) {
  if (text.size() > most) faults.Error(at, message::AtMost(most, "octets", text.size()));
}

void CheckName(std::string_view name, const Place& at, Faults& faults) {
  if (name.empty()) faults.Error(at, "required");
  CheckLength(name, kLongestName, at, faults);
}

bool IsStatus(int status) { return status == 0 || (status >= 100 && status <= 599); }

void CheckStatus(int status, const Place& at, Faults& faults) {
  if (!IsStatus(status)) {
    faults.Error(at, "expected 0 or a status from 100 to 599, got " + std::to_string(status));
  }
}

void CheckOutcome(v1::Outcome outcome, bool may_be_absent, const Place& at, Faults& faults) {
  if (outcome == v1::OUTCOME_UNSPECIFIED && !may_be_absent) faults.Error(at, "required");
}

void CheckList(const RepeatedPtrField<v1::HitUsage>& list, bool is_shadow, const Place& at,
               Faults& faults) {
  for (int i = 0; i < list.size() && !faults.full(); ++i) {
    const Place place = at[i];
    CheckName(list[i].name(), place["name"], faults);
    CheckOutcome(list[i].outcome(), is_shadow, place["outcome"], faults);
    CheckHits(list[i].hits(), place["hits"], faults);
    CheckStatus(list[i].last_status(), place["last_status"], faults);
  }
}

void CheckRows(const RepeatedPtrField<v1::RowUsage>& rows, const Place& at, Faults& faults) {
  for (int i = 0; i < rows.size() && !faults.full(); ++i) {
    const Place place = at[i];
    CheckName(rows[i].map(), place["map"], faults);
    if (rows[i].line() == 0) faults.Error(place["line"], "required; lines begin with 1");
    CheckHits(rows[i].hits(), place["hits"], faults);
  }
}

void CheckMisses(const v1::ReportUsageRequest& report, Faults& faults) {
  CheckHits(report.misses(), "misses", faults);
  const Place at = "sampled_misses";
  const auto& misses = report.sampled_misses();
  if (misses.size() > kMostMisses) {
    faults.Error(at, message::AtMost(kMostMisses, "misses", misses.size()));
  }
  for (int i = 0; i < misses.size() && !faults.full(); ++i) {
    const Place place = at[i];
    CheckLength(misses[i].url(), kLongestMiss, place["url"], faults);
    CheckHits(misses[i].hits(), place["hits"], faults);
  }
}

void CheckAnswers(const v1::ReportUsageRequest& report, Faults& faults) {
  const Place decisions = "decisions";
  for (int i = 0; i < report.decisions_size() && !faults.full(); ++i) {
    const v1::DecisionUsage& entry = report.decisions(i);
    const Place place = decisions[i];
    CheckOutcome(entry.outcome(), false, place["outcome"], faults);
    CheckStatus(entry.status(), place["status"], faults);
    CheckHits(entry.hits(), place["hits"], faults);
  }
  const Place follows = "follows";
  for (int i = 0; i < report.follows_size() && !faults.full(); ++i) {
    const Place place = follows[i];
    CheckHits(report.follows(i).hits(), place["hits"], faults);
  }
}

bool IsGood(const v1::DecisionSample& sample) {
  const v1::HttpRequest& http = sample.request().request();
  const v1::DecideResponse& response = sample.response();
  const auto& shadow = response.shadow_rules();
  return http.method().size() <= kLongestName && http.url().size() <= kLongestUrl &&
         v1::Outcome_IsValid(response.outcome()) && response.outcome() != v1::OUTCOME_UNSPECIFIED &&
         v1::ReasonCode_IsValid(response.reason().code()) && IsStatus(response.status()) &&
         response.rule().size() <= kLongestRule && shadow.size() <= kMostShadowRules &&
         std::all_of(shadow.begin(), shadow.end(),
                     [](const std::string& rule) { return rule.size() <= kLongestName; });
}

int Entries(const v1::ReportUsageRequest& report) {
  return report.rules_size() + report.shadow_rules_size() + report.intents_size() +
         report.maps_size() + report.rows_size() + report.sampled_misses_size() +
         report.decisions_size() + report.follows_size() + report.samples_size();
}

}  // namespace

message::Done CheckUsage(const v1::ReportUsageRequest& report) {
  Faults faults;
  if (const int entries = Entries(report); entries > kMostEntries) {
    faults.Error("", message::AtMost(kMostEntries, "entries in all", entries));
    return message::Unexpected(ToError(faults));
  }
  message::CheckVisible(report.policy_version(), "policy_version", faults);
  message::CheckVisible(report.agent(), "agent", faults);
  CheckList(report.rules(), false, "rules", faults);
  CheckList(report.shadow_rules(), true, "shadow_rules", faults);
  CheckList(report.intents(), false, "intents", faults);
  CheckList(report.maps(), false, "maps", faults);
  CheckRows(report.rows(), "rows", faults);
  CheckMisses(report, faults);
  CheckAnswers(report, faults);
  if (!faults.empty()) return message::Unexpected(ToError(faults));
  return {};
}

std::vector<const v1::DecisionSample*> GoodSamples(const v1::ReportUsageRequest& report) {
  std::vector<const v1::DecisionSample*> good;
  good.reserve(kMostSamples);
  for (const v1::DecisionSample& sample : report.samples()) {
    if (good.size() == kMostSamples) break;
    if (IsGood(sample)) good.push_back(&sample);
  }
  return good;
}

}  // namespace fingerpost

#include "server/policy_metrics.h"

#include <string>
#include <utility>

namespace fingerpost {
namespace {

using policy::count::HitCounts;
using policy::count::kOutcomes;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void Add(MetricFamily& family, std::vector<ClientMetric::Label> labels, uint64_t value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
  family.metric.push_back(std::move(metric));
}

MetricFamily ByName(std::string name, std::string help, const char* label,
                    const std::vector<HitCounts>& list, const HitCounts* other) {
  MetricFamily family{std::move(name), std::move(help), MetricType::Counter, {}};
  for (const HitCounts& counts : list) {
    if (counts.is_listed) Add(family, {{label, counts.name}}, counts.hits());
  }
  if (other != nullptr) Add(family, {{label, other->name}}, other->hits());
  return family;
}

void AddOutcomes(MetricFamily& family, const HitCounts& counts) {
  for (size_t i = 0; i < kOutcomes; ++i) {
    if (counts.by_outcome[i] == 0) continue;
    const std::string outcome =
        i == 0 ? "ERROR" : v1::Outcome_Name(static_cast<v1::Outcome>(i)).substr(8);
    Add(family, {{"rule", counts.name}, {"outcome", outcome}}, counts.by_outcome[i]);
  }
}

}  // namespace

std::vector<MetricFamily> PolicyMetrics(const PolicyHits& hits) {
  MetricFamily shadow{"fingerpost_shadow_hits_total",
                      "What rules in shadow mode would have answered",
                      MetricType::Counter,
                      {}};
  for (const HitCounts& counts : hits.shadow) {
    if (counts.is_listed) AddOutcomes(shadow, counts);
  }
  AddOutcomes(shadow, hits.other_shadow);
  MetricFamily misses{"fingerpost_misses_total",
                      "Questions that no rule and no row of the policy answers",
                      MetricType::Counter,
                      {}};
  Add(misses, {}, hits.misses);
  return {ByName("fingerpost_rule_hits_total",
                 "Answers by a rule of the policy; https, canonical: "
                 "by its defaults; other: by rules beyond the first hundred",
                 "rule", hits.rules, &hits.other_rules),
          std::move(shadow),
          ByName("fingerpost_intent_hits_total",
                 "Answers by a named intent; other: beyond the first hundred", "intent",
                 hits.intents, &hits.other_intents),
          ByName("fingerpost_map_hits_total", "Answers by the rows of a map", "map", hits.maps,
                 nullptr),
          std::move(misses)};
}

}  // namespace fingerpost

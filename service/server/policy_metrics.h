// The policy's counters as Prometheus metrics, within few time series: rows only as the sum of
// their map, and of rules and intents those that are listed (see Tally), the rest as "other".
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "rpc/policy_counts.h"

namespace fingerpost {

[[nodiscard]] std::vector<prometheus::MetricFamily> PolicyMetrics(const PolicyHits& hits);

}  // namespace fingerpost

// What is wrong with a report of usage.
#pragma once

#include <vector>

#include "core/message/result.h"
#include "fingerpost/v1/policy_service.pb.h"

namespace fingerpost {

// INVALID_ARGUMENT that names every faulty field; samples have none (GoodSamples). What a good
// report says may still not be true, but it fits the counters.
[[nodiscard]] message::Done CheckUsage(const v1::ReportUsageRequest& report);

// The samples that are shown: as many as a report may have, without those that are too long or
// that this version has no names for. A sample is worth less than the counts beside it.
[[nodiscard]] std::vector<const v1::DecisionSample*> GoodSamples(
    const v1::ReportUsageRequest& report);

}  // namespace fingerpost

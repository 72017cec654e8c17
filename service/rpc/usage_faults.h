// What is wrong with a report of usage.
#pragma once

#include "core/message/result.h"
#include "fingerpost/v1/policy_service.pb.h"

namespace fingerpost {

// INVALID_ARGUMENT that names every faulty field. What a good report says may still not be true,
// but it fits the counters.
[[nodiscard]] message::Done CheckUsage(const v1::ReportUsageRequest& report);

}  // namespace fingerpost

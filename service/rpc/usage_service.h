// PolicyService.ReportUsage as a plain function: what was answered elsewhere, by engines in other
// processes, is counted with the service's own answers.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/message/result.h"
#include "fingerpost/v1/policy_service.pb.h"
#include "rpc/meters.h"
#include "rpc/policy_counts.h"
#include "rpc/redirect_service.h"

namespace fingerpost {

// Since the start.
struct UsageCounts {
  uint64_t reports = 0;
  uint64_t decisions = 0;        // answers of Decide in them
  uint64_t follows = 0;          // answers of Follow
  uint64_t unknown = 0;          // hits of what the policy here does not have
  uint64_t dropped_samples = 0;  // see GoodSamples
};

// Thread-safe.
class UsageService {
 public:
  // Counts in both, which must outlive it.
  UsageService(PolicyCounts& counts, Meters& meters, Clock clock = SystemClock)
      : counts_(counts), meters_(meters), clock_(clock) {}
  UsageService(const UsageService&) = delete;
  UsageService& operator=(const UsageService&) = delete;

  // After an error nothing of the report was counted.
  [[nodiscard]] message::Done Report(const v1::ReportUsageRequest& report);

  [[nodiscard]] UsageCounts counts() const;

 private:
  PolicyCounts& counts_;
  Meters& meters_;
  const Clock clock_;
  std::atomic<uint64_t> reports_{0}, decisions_{0}, follows_{0}, unknown_{0}, dropped_samples_{0};
};

}  // namespace fingerpost

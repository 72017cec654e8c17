// What one policy answered, until its caller takes it home to the service.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/reply.h"
#include "fingerpost/v1/policy_service.pb.h"
#include "policy/count/answer_counts.h"
#include "policy/count/tally.h"
#include "policy/resolve/matched.h"

namespace fingerpost::engine {

// Thread-safe. An answer waits for nobody; those who take wait for each other.
class Usage {
 public:
  // One answer of Decide; `question` must live until it is counted.
  struct Answer {
    policy::resolve::Matched matched;
    policy::count::Decision decision;
    const v1::DecideRequest* question;
  };

  // Of `snapshot`, which must outlive it.
  explicit Usage(const policy::compiled::Snapshot& snapshot);

  // Call these when the caller has the answer: what had no room is asked again.
  void Count(const Answer& answer) noexcept;
  void CountFollow(v1::StopReason stop) noexcept { answers_.Followed(stop); }
  // Keeps it as a sample if one is wanted.
  void Sample(const v1::DecideRequest& question, const v1::DecideResponse& answer) noexcept;

  // Writes a v1::ReportUsageRequest of what was counted, or nothing if nothing was, and takes away
  // what it wrote. What a report has no room for stays for the next.
  [[nodiscard]] int Take(Reply reply);

 private:
  // A place in the maps: map, line.
  using RowPlace = std::pair<size_t, uint32_t>;
  class Report;

  void Write(Report& report) const;
  void WriteSamples(Report& report) const;
  void WriteRows(Report& report) const;
  void Subtract(const v1::ReportUsageRequest& report);
  void ForgetSamples(size_t samples);

  // REFUSE and the others: so many samples of each.
  static constexpr size_t kKinds = 2;
  static constexpr size_t kSamples = 4;

  const policy::compiled::Snapshot& snapshot_;
  policy::count::LastingCounts lasting_{0};
  policy::count::Tally tally_;
  policy::count::AnswerCounts answers_;
  std::mutex taking_;
  RowPlace first_row_{0, 0};  // Where the next report begins.
  std::array<std::atomic<size_t>, kKinds> room_for_samples_{kSamples, kSamples};
  mutable std::mutex sampling_;
  std::vector<std::string> samples_;  // v1::DecisionSample, in octets
};

}  // namespace fingerpost::engine

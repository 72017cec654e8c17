// One JSON line for each call, and the calls that an operator looks at first: the latest that
// failed or were refused, and the slowest.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rpc/call_observer.h"
#include "server/line_writer.h"
#include "server/settings.h"

namespace fingerpost {

class AccessLog final : public CallObserver {
 public:
  // Always keeps the lists; writes lines to `out` as settings.access_log says.
  AccessLog(const Settings& settings, LineWriter& out);

  [[nodiscard]] unsigned Wants(const CallSummary& call) override;
  void Finished(unsigned wanted, const CallRecord& record) override;

  // As log lines, the latest or slowest first.
  [[nodiscard]] std::vector<std::string> Refused() const;
  [[nodiscard]] std::vector<std::string> Slowest() const;

 private:
  void Keep(unsigned wanted, const CallRecord& record);
  void KeepSamples(const CallRecord& report);

  struct Slow {
    std::chrono::nanoseconds duration;
    std::string line;
  };
  enum class Mode { kOff, kErrors, kAll };

  const Mode mode_;
  const uint64_t sample_;  // one line in so many is written
  std::atomic<uint64_t> lines_{0};
  LineWriter& out_;
  std::atomic<int64_t> slow_enough_{0};  // nanoseconds; a slower call enters the list
  mutable std::mutex mutex_;
  std::deque<std::string> refused_;
  std::vector<Slow> slowest_;
};

// The line: no URL's query or userinfo, no field's value.
[[nodiscard]] std::string AccessLine(const CallRecord& record);

// The line in the place of `lost` ones.
[[nodiscard]] std::string AccessLossLine(uint64_t lost);

// The 32 hexadecimal digits of the trace id in a traceparent field (W3C Trace Context), "" when it
// is not valid.
[[nodiscard]] std::string TraceId(std::string_view traceparent);

}  // namespace fingerpost

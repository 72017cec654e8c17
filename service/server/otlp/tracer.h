// Makes a span of each sampled call.
#pragma once

#include <atomic>
#include <cstdint>

#include "rpc/call_observer.h"
#include "server/otlp/exporter.h"

namespace fingerpost {

// Stands before another observer.
class Tracer final : public CallObserver {
 public:
  // A call with a valid parent is sampled as the parent, of those without one each `every`th; 0:
  // none. Both must outlive it.
  Tracer(uint64_t every, SpanExporter& exporter, CallObserver& next)
      : every_(every), exporter_(exporter), next_(next) {}

  [[nodiscard]] unsigned Wants(const CallSummary& call) override;
  // For `next`, a call that begins a trace is one of that trace.
  void Finished(unsigned wanted, const CallRecord& record) override;

 private:
  const uint64_t every_;
  std::atomic<uint64_t> roots_{0};
  SpanExporter& exporter_;
  CallObserver& next_;
};

}  // namespace fingerpost

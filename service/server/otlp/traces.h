// The parts of --otlp-endpoint.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "rpc/call_observer.h"
#include "server/otlp/exporter.h"
#include "server/otlp/tracer.h"
#include "server/settings.h"

namespace fingerpost {

struct Traces {
  Traces(SpanExporter::Options options, uint64_t every, CallObserver& next)
      : exporter(std::move(options)), tracer(every, exporter, next) {}

  SpanExporter exporter;
  Tracer tracer;
};

// Null: none are wanted. `tls`: of the HTTP port. `next` must outlive it.
[[nodiscard]] inline std::unique_ptr<Traces> MakeTraces(const Settings& settings, bool tls,
                                                        CallObserver& next) {
  if (settings.otlp_endpoint.empty()) return nullptr;
  return std::make_unique<Traces>(ExporterOptions(settings, tls),
                                  static_cast<uint64_t>(settings.otlp_sample), next);
}

}  // namespace fingerpost

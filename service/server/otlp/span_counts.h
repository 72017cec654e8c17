// What became of the spans, for the metrics.
#pragma once

#include <array>
#include <cstdint>

namespace fingerpost {

enum class SpanResult {
  kSent,
  kRejected,  // by the collector
  kFailed,    // after several tries, or at the end
  kDropped,   // too many waited
};
inline constexpr std::array kSpanResults = {"sent", "rejected", "failed", "dropped"};

// By result.
using SpanCounts = std::array<uint64_t, kSpanResults.size()>;

}  // namespace fingerpost

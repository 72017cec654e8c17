// W3C Trace Context: the trace that a call belongs to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fingerpost {

using TraceOctets = std::array<uint8_t, 16>;
using SpanOctets = std::array<uint8_t, 8>;

struct TraceParent {
  TraceOctets trace;
  SpanOctets span;
  bool sampled;
};

// The value of the field traceparent; nullopt if it is not valid (§3.2). Of a later version, what
// this one knows.
[[nodiscard]] std::optional<TraceParent> ParseTraceParent(std::string_view value);

// `value` of the field tracestate, to be passed on; "" if it has other characters than those
// allowed, or more than the 512 that every party passes on (§3.3).
[[nodiscard]] std::string TraceState(std::string_view value);

// The value of the field traceparent, in version 00.
[[nodiscard]] std::string ToText(const TraceParent& parent);
// Lower-case hexadecimal digits.
[[nodiscard]] std::string ToHex(std::span<const uint8_t> octets);

}  // namespace fingerpost

// The policy's counters as JSON, for `fingerpost policy stats` and for scripts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rpc/policy_counts.h"

namespace fingerpost {

// Rows on the page, and where a question does not say how many.
inline constexpr size_t kUsualRows = 20;

// The value of ?rows=; nullopt: not 0 to PolicyCounts::kMostRows.
[[nodiscard]] std::optional<size_t> RowsOf(std::string_view text);

// "redirect", "error": of an outcome in HitCounts.
[[nodiscard]] std::string OutcomeText(v1::Outcome outcome);

// service/policy/README.md describes it.
[[nodiscard]] std::string PolicyStatsJson(const PolicyHits& hits, const TopRows& rows);

}  // namespace fingerpost

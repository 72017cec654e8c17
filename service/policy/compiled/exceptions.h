// match.not: what a rule leaves out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "policy/compiled/rule.h"
#include "policy/compiled/subject.h"

namespace fingerpost::policy::compiled {

// Those that decide by URL and method are asked before the rule's own fields, the others after
// them: so Vary names no field in vain.
enum class Reading : uint8_t { kNoField, kFields };
[[nodiscard]] Reading ReadingOf(const Conditions& exception);

// The first of those exceptions of `rule` that holds. Adds to `looked_at`.
[[nodiscard]] std::optional<size_t> FirstException(const Rule& rule, Reading reading,
                                                   const Subject& subject,
                                                   decide::LookedAt& looked_at);

// Whether an exception leaves the subject's URL out for every request.
[[nodiscard]] bool LeavesOutUrl(const Rule& rule, const Subject& subject);

// The exception asks for a host or a path, and for nothing else.
[[nodiscard]] bool AsksForUrlOnly(const Conditions& exception);

}  // namespace fingerpost::policy::compiled

// match.not: the exceptions of a rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "policy/compiled/rule.h"
#include "policy/compiled/subject.h"

namespace fingerpost::policy::compiled {

// Exceptions by URL and method are checked before the rule's own fields, the others after them, so
// that Vary names no field needlessly.
enum class Reading : uint8_t { kNoField, kFields };
[[nodiscard]] Reading ReadingOf(const Conditions& exception);

// The first of those exceptions of `rule` that holds. Adds to `looked_at`.
[[nodiscard]] std::optional<size_t> FirstException(const Rule& rule, Reading reading,
                                                   const Subject& subject,
                                                   decide::LookedAt& looked_at);

// Whether an exception excludes the subject's URL for every request.
[[nodiscard]] bool LeavesOutUrl(const Rule& rule, const Subject& subject);

// Whether the exception has only conditions on host and path.
[[nodiscard]] bool AsksForUrlOnly(const Conditions& exception);

}  // namespace fingerpost::policy::compiled

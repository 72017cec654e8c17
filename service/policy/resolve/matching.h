// The wish of a request without intent and name, by the policy's rules and maps.
#pragma once

#include <optional>

#include "core/decide/wish.h"
#include "policy/compiled/snapshot.h"
#include "policy/compiled/subject.h"
#include "policy/resolve/matched.h"

namespace fingerpost::policy::resolve {

// The first rule that matches decides. Rules in shadow mode are named but do not decide. With
// `explain` the trace names every rule that was considered, including runners-up. The wish refers
// to `snapshot` and `subject`. Fills in `matched`, which may be null. nullopt: what is elsewhere
// could change it (see compiled::Scope).
[[nodiscard]] std::optional<decide::Wish> Match(const compiled::Snapshot& snapshot,
                                                const compiled::Subject& subject, Matched* matched);

}  // namespace fingerpost::policy::resolve

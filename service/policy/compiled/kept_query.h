// What becomes of the request's query where the intent of a rule does not say it.
#pragma once

#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/rule.h"

namespace fingerpost::policy::compiled {

// The same thing is elsewhere: what its query said there it says here, too.
[[nodiscard]] bool IsMove(v1::Purpose purpose);

// A prefix moved with everything below it: its targets say {rest}.
[[nodiscard]] bool MovesAll(const Rule& rule);

// defaults.query, else keep for a rule that moves all. nullptr: the purpose says it.
[[nodiscard]] const v1::QueryWish* QueryOf(const Rule& rule, const v1::Defaults& defaults);

}  // namespace fingerpost::policy::compiled

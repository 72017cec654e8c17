// The mode of the request's query if the intent of a rule does not say.
#pragma once

#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/rule.h"

namespace fingerpost::policy::compiled {

// Whether the same thing is elsewhere, where its query has the same meaning.
[[nodiscard]] bool IsMove(v1::Purpose purpose);

// Whether a prefix moved with everything below it: its targets have {rest}.
[[nodiscard]] bool MovesAll(const Rule& rule);

// defaults.query, else keep for a rule that moves all. nullptr: the purpose says it.
[[nodiscard]] const v1::QueryWish* QueryOf(const Rule& rule, const v1::Defaults& defaults);

}  // namespace fingerpost::policy::compiled

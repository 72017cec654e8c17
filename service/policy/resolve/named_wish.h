// The wish of a question that names an intent of the policy.
#pragma once

#include "core/decide/wish.h"
#include "core/message/faults.h"
#include "policy/compiled/named_intent.h"

namespace fingerpost::policy::resolve {

// Reports each of `parameters` that is missing, of the wrong type or unknown.
void CheckParameters(const compiled::NamedIntent& intent, const decide::Parameters& parameters,
                     message::Faults& faults);

// Gives `wish` the intent with its texts filled in, and the values of its targets' placeholders,
// defaults among them. It refers to `intent` and `parameters` where nothing had to change.
// `parameters` must have passed CheckParameters.
void FillIn(const compiled::NamedIntent& intent, const decide::Parameters& parameters,
            decide::Wish& wish);

}  // namespace fingerpost::policy::resolve

// What is wrong with a question beside its request and its intent.
#pragma once

#include "core/decide/placeholders.h"
#include "core/message/faults.h"

namespace fingerpost::decide {

// What is wrong with the values for placeholders.
void CheckParameters(const Parameters& parameters, message::Faults& faults);

}  // namespace fingerpost::decide

// What is wrong with a question beside its request and its intent.
#pragma once

#include "core/decide/placeholders.h"
#include "core/message/violations.h"
#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::decide {

// What is wrong with the values for placeholders.
void CheckParameters(const Parameters& parameters, message::Violations& violations);

// What is wrong with the instant of the answer.
void CheckNow(const v1::DecideRequest& question, message::Violations& violations);

}  // namespace fingerpost::decide

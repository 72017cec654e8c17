// Forecasts: what each client profile would do with an answer.
#pragma once

#include "core/decide/question.h"

namespace fingerpost::decide {

// Asks Follow about `answer`, once for each profile. A forecast does not repeat the values of the
// request's fields, so that its length hardly depends on theirs. Adds nothing without request.url,
// or if it is not a redirect.
void AddForecasts(const Question& question, v1::DecideResponse& answer);

}  // namespace fingerpost::decide

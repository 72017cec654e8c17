// What each client profile would do with an answer.
#pragma once

#include "core/decide/question.h"

namespace fingerpost::decide {

// Follow on `answer`, once for each profile. Nothing without request.url, and for what is no
// redirect.
void AddForecasts(const Question& question, v1::DecideResponse& answer);

}  // namespace fingerpost::decide

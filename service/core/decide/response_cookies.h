// The cookies of an intent (RFC 6265bis §4.1).
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/message/faults.h"

namespace fingerpost::decide {

// Reports what is wrong with the cookies of `intent`, which stands at `at`, whatever the request
// is.
void CheckCookies(const v1::Intent& intent, const v1::Defaults& defaults, const message::Place& at,
                  message::Faults& faults);

// Whether the client would store one of them from an answer to this request.
[[nodiscard]] bool SetsCookies(const Question& question);

// Set-Cookie for each of them, and a warning for each that the client would refuse.
void WriteCookies(const Question& question, AnswerWriter& answer);

}  // namespace fingerpost::decide

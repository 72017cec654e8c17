// The fields that let a script of another origin read an answer (Fetch §3.3 CORS protocol).
#pragma once

#include <cstdint>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/message/faults.h"

namespace fingerpost::decide {

// Reports at `at` what is wrong with `cors`, whatever the request is.
void CheckCors(const v1::Cors& cors, const message::Place& at, message::Faults& faults);

// Whether the answer depends on the request's Origin.
[[nodiscard]] bool VariesByOrigin(const Question& question);

// Access-Control-Allow-Origin and -Credentials, if the request's origin may read the answer. Warns
// of a redirect with `status` after which no list can allow the script.
void WriteCors(const Question& question, int32_t status, AnswerWriter& answer);

}  // namespace fingerpost::decide

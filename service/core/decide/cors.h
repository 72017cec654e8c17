// The fields that let a script of another origin read an answer (Fetch §3.3 CORS protocol).
#pragma once

#include <cstdint>
#include <string_view>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/message/faults.h"

namespace fingerpost::decide {

// Reports at `at` what is wrong with `cors`, whatever the request is.
void CheckCors(const v1::Cors& cors, const message::Place& at, message::Faults& faults);

// Whether the answer depends on the request's Origin.
[[nodiscard]] bool VariesByOrigin(const Question& question);

// The request's Origin; empty if there is none, or several, or it is withheld.
[[nodiscard]] std::string_view OriginOfRequest(const Question& question);

// Access-Control-Allow-Origin and -Credentials, if the request's origin may read the answer, and
// -Expose-Headers for the field `read`, if the script must read one. Warns of a redirect with
// `status` after which no list can allow the script.
void WriteCors(const Question& question, int32_t status, std::string_view read,
               AnswerWriter& answer);

}  // namespace fingerpost::decide

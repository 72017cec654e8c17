// PASS where the policy's rules and maps do not decide: nothing matches, or not at this time.
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"

namespace fingerpost::decide {

// The answer to a question without an intent.
void PassUnmatched(const Question& question, AnswerWriter& answer);

// The fields of such an answer, which go beside those of the backend's response: that depends on
// what the rules looked at, too.
void WritePassFields(const Question& question, AnswerWriter& answer);

}  // namespace fingerpost::decide

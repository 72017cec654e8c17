// PASS if the policy's rules and maps do not redirect: nothing matches, not at this time, or a rule
// passes.
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"

namespace fingerpost::decide {

// The answer to a question without an intent.
void PassUnmatched(const Question& question, AnswerWriter& answer);

// Writes the fields of such an answer. They are added to the backend's response, which depends on
// what the rules looked at, too.
void WritePassFields(const Question& question, AnswerWriter& answer);

}  // namespace fingerpost::decide

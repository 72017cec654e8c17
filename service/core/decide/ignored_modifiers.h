// Which modifiers mean something for which purpose.
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"

namespace fingerpost::decide {

// Warns of each modifier that is set and has no meaning for the purpose.
void WarnOfIgnoredModifiers(const Question& question, AnswerWriter& answer);

}  // namespace fingerpost::decide

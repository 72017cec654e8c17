// The modifiers that apply to each purpose.
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"

namespace fingerpost::decide {

// Warns of each modifier that is set but does not apply to the purpose.
void WarnOfIgnoredModifiers(const Question& question, AnswerWriter& answer);

}  // namespace fingerpost::decide

// The Link field of a 300: its alternatives (RFC 8288 §3, RFC 9110 §15.4.1).
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"

namespace fingerpost::decide {

void WriteLinks(const Question& question, AnswerWriter& answer);

}  // namespace fingerpost::decide

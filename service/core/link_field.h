// The Link field of a 300: its alternatives (RFC 8288 §3, RFC 9110 §15.4.1).
#pragma once

#include "core/answer_writer.h"
#include "core/question.h"

namespace fingerpost {

void WriteLinks(const Question& question, AnswerWriter& answer);

}  // namespace fingerpost

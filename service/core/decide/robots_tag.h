// X-Robots-Tag: what search engines may do with what they find.
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/message/faults.h"

namespace fingerpost::decide {

// Reports directives of `intent`, which stands at `at`, that are unknown or repeated.
void CheckRobots(const v1::Intent& intent, const message::Place& at, message::Faults& faults);

// The field on GET and HEAD, which are what crawlers send; else a warning.
void WriteRobots(const Question& question, AnswerWriter& answer);

}  // namespace fingerpost::decide

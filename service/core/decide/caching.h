// Cache-Control and Vary (RFC 9111 §5.2.2, RFC 9110 §12.5.5).
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/decide/table.h"

namespace fingerpost::decide {

// `flash`: the answer sets a flash cookie. `negotiated`: its content depends on Accept.
void WriteCaching(const Question& question, const Row& row, bool flash, bool negotiated,
                  AnswerWriter& answer);

}  // namespace fingerpost::decide

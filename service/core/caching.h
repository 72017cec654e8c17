// Cache-Control and Vary (RFC 9111 §5.2.2, RFC 9110 §12.5.5).
#pragma once

#include "core/answer_writer.h"
#include "core/decide_table.h"
#include "core/question.h"

namespace fingerpost {

// `flash`: the answer sets a flash cookie. `negotiated`: its content depends on Accept.
void WriteCaching(const Question& question, const Row& row, bool flash, bool negotiated,
                  AnswerWriter& answer);

}  // namespace fingerpost

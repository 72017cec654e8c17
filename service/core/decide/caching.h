// Cache-Control and Vary (RFC 9111 §5.2.2, RFC 9110 §12.5.5).
#pragma once

#include <span>
#include <string_view>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/decide/table.h"

namespace fingerpost::decide {

// `flash`: the answer sets a flash cookie. `content`: the field on which its content depends;
// empty: none.
void WriteCaching(const Question& question, const Choice& choice, bool flash,
                  std::string_view content, AnswerWriter& answer);

// Writes Vary with exactly these names; without names, no field.
void WriteVary(std::span<const std::string_view> names, AnswerWriter& answer);

}  // namespace fingerpost::decide

// Cache-Control and Vary (RFC 9111 §5.2.2, RFC 9110 §12.5.5).
#pragma once

#include <span>
#include <string_view>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/decide/table.h"

namespace fingerpost::decide {

// The parts of the answer on which caching depends.
struct AnswerParts {
  bool flash = false;             // It sets a flash cookie.
  bool cookies = false;           // It sets cookies of the intent.
  bool page_load = false;         // A script that swaps pages loads its target.
  std::string_view content = {};  // The field on which its content depends; empty: none.
};

void WriteCaching(const Question& question, const Choice& choice, const AnswerParts& parts,
                  AnswerWriter& answer);

// Writes Vary with exactly these names; without names, no field.
void WriteVary(std::span<const std::string_view> names, AnswerWriter& answer);

}  // namespace fingerpost::decide

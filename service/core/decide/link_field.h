// The Link field (RFC 8288 §3): the alternatives of a 300 (RFC 9110 §15.4.1) and the intent's
// links.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/message/faults.h"

namespace fingerpost::decide {

// Reports which attributes of the link or alternative at `at` are wrong.
void CheckLinkAttributes(std::string_view media_type, std::string_view language,
                         std::string_view title, const message::Place& at, message::Faults& faults);

// Reports what is wrong with the links of `intent`, which stands at `at`, whatever the request is.
void CheckLinks(const v1::Intent& intent, const message::Place& at, message::Faults& faults);

// One field for an answer with `status`; without links, none.
void WriteLinks(const Question& question, int32_t status, AnswerWriter& answer);

}  // namespace fingerpost::decide

// The window of time in which an intent holds.
#pragma once

#include <cstdint>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"

namespace fingerpost::decide {

enum class InWindow { kYes, kNotYet, kOver };

// The place of question.asked.now in intent.window. kNotYet, and kOver if the intent says so, have
// been answered with PASS.
[[nodiscard]] InWindow FindInWindow(const Question& question, AnswerWriter& answer);

// Seconds until the window is over or another rule takes over, rounded down; -1 without either.
[[nodiscard]] int64_t SecondsLeft(const Question& question);

}  // namespace fingerpost::decide

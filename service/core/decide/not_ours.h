// What is decided before the table: requests that are not ours to redirect, and windows of time.
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/decide/table.h"

namespace fingerpost {

// CORS preflight, WebSocket handshake, gRPC call, CONNECT, TRACE.
[[nodiscard]] bool IsNotOurs(const Question& question);
// The same; true when the answer, PASS, has been written.
[[nodiscard]] bool IsNotOurs(const Question& question, AnswerWriter& answer);

enum class InWindow { kYes, kNotYet, kOver };

// Where question.in.request.now is in intent.window. kNotYet, and kOver where the intent says so,
// have been answered with PASS.
[[nodiscard]] InWindow CheckWindow(const Question& question, AnswerWriter& answer);

// Seconds until the window is over, rounded down; -1 without an end.
[[nodiscard]] int64_t SecondsLeft(const Question& question);

// A webhook sender that is not known to follow redirects, and the answer would be one: true when
// the outcome is FORWARD.
[[nodiscard]] bool IsForWebhookSender(const Question& question, const Choice& choice,
                                      AnswerWriter& answer);

}  // namespace fingerpost

// Requests that are not ours to redirect.
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/decide/table.h"

namespace fingerpost::decide {

// CORS preflight, WebSocket handshake, gRPC call, CONNECT, TRACE.
[[nodiscard]] bool IsNotOurs(const Question& question);
// The same; true when the answer, PASS, has been written.
[[nodiscard]] bool IsNotOurs(const Question& question, AnswerWriter& answer);

// A webhook sender that is not known to follow redirects, and the answer would be one: true when
// the outcome is FORWARD.
[[nodiscard]] bool IsForWebhookSender(const Question& question, const Choice& choice,
                                      AnswerWriter& answer);

}  // namespace fingerpost::decide

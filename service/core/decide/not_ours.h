// Requests that are not ours to redirect.
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/decide/table.h"

namespace fingerpost::decide {

// CORS preflight, WebSocket handshake, gRPC call, CONNECT, TRACE.
[[nodiscard]] bool IsNotOurs(const Question& question);
// The same. True: the answer, PASS, has been written.
[[nodiscard]] bool IsNotOurs(const Question& question, AnswerWriter& answer);

// Whether the answer would be a redirect for a webhook sender that is not known to follow one.
// True: the outcome is FORWARD.
[[nodiscard]] bool IsForWebhookSender(const Question& question, const Choice& choice,
                                      AnswerWriter& answer);

}  // namespace fingerpost::decide

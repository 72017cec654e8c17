// The targets that an answer may have: schemes, userinfo, hosts, registered redirect URIs.
#pragma once

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/message/faults.h"

namespace fingerpost::decide {

// False: the outcome is REFUSE and the reason says how the target would be allowed. An unsafe
// target may have been replaced by the fallback, which may have been reported.
[[nodiscard]] bool CheckTargets(Question& question, AnswerWriter& answer, message::Faults& faults);

// The same for the intent's links, which nothing replaces.
[[nodiscard]] bool CheckLinkTargets(Question& question, AnswerWriter& answer);

// Whether `text` is a registered redirect URI, character by character except for the port of a
// loopback address (RFC 9700 §2.1, RFC 8252 §7.3).
[[nodiscard]] bool IsRegistered(std::string_view text, const v1::Intent& intent);

// Whether the target has the request's own scheme, host and port, or the same over https.
[[nodiscard]] bool IsOwnHost(const Question& question, const Target& target);

// Whether the client would send the same request again: the same URL, with a method that `status`
// keeps. If so, the outcome is REFUSE.
[[nodiscard]] bool IsLoop(const Question& question, int32_t status, AnswerWriter& answer);

}  // namespace fingerpost::decide

// Warnings that follow from request, status and target together.
#pragma once

#include <cstdint>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/http/fields.h"
#include "core/http/url.h"

namespace fingerpost::decide {

// What deserves a second look in a 3xx of `status` to question.target.
void WarnOfRedirect(const Question& question, int32_t status, AnswerWriter& answer);

// The Host field names another host than request.url.
void WarnOfHostField(const Question& question, AnswerWriter& answer);

// A proxy says that the client used another scheme than request.url has.
void WarnOfForwardedProto(const Question& question, AnswerWriter& answer);
[[nodiscard]] bool ForwardedProtoDiffers(const http::Headers& headers, const http::Url& url);

}  // namespace fingerpost::decide

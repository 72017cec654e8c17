// Warnings that depend on request, status and target together.
#pragma once

#include <cstdint>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/http/fields.h"
#include "core/http/url.h"

namespace fingerpost::decide {

// Adds warnings about a 3xx with `status` to question.target.
void WarnOfRedirect(const Question& question, int32_t status, AnswerWriter& answer);

// Warns if the Host field names another host than request.url.
void WarnOfHostField(const Question& question, AnswerWriter& answer);

// Warns if a proxy reports that the client used another scheme than request.url.
void WarnOfForwardedProto(const Question& question, AnswerWriter& answer);
[[nodiscard]] bool ForwardedProtoDiffers(const http::Headers& headers, const http::Url& url);

}  // namespace fingerpost::decide

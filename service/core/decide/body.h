// The content of an answer: the short hypertext note of RFC 9110 §15.4, JSON, or text.
#pragma once

#include <string>
#include <string_view>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/decide/table.h"
#include "core/http/accept.h"

namespace fingerpost::decide {

// The information in the content.
struct Content {
  int32_t status;
  std::string_view location;  // Empty: none.
};

// A format, and the request field that it depends on; empty: none.
struct Negotiated {
  http::Format format;
  std::string_view looked_at;
};

// By Accept; without a preference there, by the declared kind of client; otherwise the row's.
[[nodiscard]] Negotiated Negotiate(const Question& question, const Row& row);

// Content-Type, Content-Length, X-Content-Type-Options, Content-Security-Policy, and the body,
// which is empty on HEAD.
void WriteBody(const Question& question, http::Format format, const Content& content,
               AnswerWriter& answer);

}  // namespace fingerpost::decide

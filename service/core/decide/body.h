// The content of an answer: the short hypertext note that RFC 9110 §15.4 asks for, or JSON, or
// text.
#pragma once

#include <string>
#include <string_view>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/decide/table.h"
#include "core/http/accept.h"

namespace fingerpost::decide {

// What the content says.
struct Content {
  int32_t status;
  std::string_view location;  // Empty: none.
};

// A content's format, and the request field that it depends on; empty: none.
struct Negotiated {
  http::Format format;
  std::string_view looked_at;
};

// By Accept; where that has no preference, by the declared kind of client; else the row's.
[[nodiscard]] Negotiated Negotiate(const Question& question, const Row& row);

// Content-Type, Content-Length, X-Content-Type-Options, Content-Security-Policy, and the body,
// which stays empty on HEAD.
void WriteBody(const Question& question, http::Format format, const Content& content,
               AnswerWriter& answer);

}  // namespace fingerpost::decide

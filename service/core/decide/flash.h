// Flash messages: display text for the page that the user sees next, in a cookie that is read once.
#pragma once

#include <string_view>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"

namespace fingerpost::decide {

// Octets of the encoded text; far below what browsers keep (4096, RFC 6265bis §5.6).
inline constexpr size_t kMaxFlashValue = 1024;

[[nodiscard]] size_t EncodedFlashSize(std::string_view text);

// A token of at most 64 octets that does not start with "__", which is for the prefix.
[[nodiscard]] bool IsFlashName(std::string_view name);

// Set-Cookie and clear_cookie. Over plain HTTP without Secure and prefix, and with a warning.
void WriteFlash(const Question& question, AnswerWriter& answer);

}  // namespace fingerpost::decide

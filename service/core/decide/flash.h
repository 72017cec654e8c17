// Flash messages: display text for the next page that the user sees, in a cookie that is read once.
#pragma once

#include <string_view>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"

namespace fingerpost::decide {

// Octets of the encoded text; far below the browsers' limit (4096, RFC 6265bis §5.6).
inline constexpr size_t kMaxFlashValue = 1024;

[[nodiscard]] size_t EncodedFlashSize(std::string_view text);

// A token of at most 64 octets that does not start with "__", which is reserved for the prefix.
[[nodiscard]] bool IsFlashName(std::string_view name);

// The cookie's name without prefix: the intent's, else the policy's, else "flash".
[[nodiscard]] std::string_view FlashName(const v1::Intent& intent, const v1::Defaults& defaults);

// Writes Set-Cookie and clear_cookie; over plain HTTP without Secure and prefix, and with a
// warning.
void WriteFlash(const Question& question, AnswerWriter& answer);

}  // namespace fingerpost::decide

// Old clients: LEGACY compatibility and HTTP/1.0.
#pragma once

#include <cstdint>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"

namespace fingerpost::decide {

// The code nearest to `status` that the served clients know. A pinned status is a contract, and
// stays.
[[nodiscard]] int32_t FitProtocol(const Question& question, int32_t status, AnswerWriter& answer);

// Whether it may turn `status` into `fitted` for some client.
[[nodiscard]] bool MayFit(int32_t status, int32_t fitted);

}  // namespace fingerpost::decide

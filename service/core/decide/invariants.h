// Invariants of every answer of Decide, whatever the question (design guarantees 1 to 4). Each
// answer is checked before it leaves.
#pragma once

#include <string_view>

#include "core/decide/question.h"
#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::decide {

// The invariant that `answer` breaks; empty if it breaks none.
[[nodiscard]] std::string_view FindBrokenInvariant(std::string_view method, v1::Purpose purpose,
                                                   const v1::DecideResponse& answer);

// The same for the hosts in `answer`, the answer to `question`. Each must be the request's own, an
// allowed one, or named by a trusted target before any value is filled in. Compares parsed hosts.
[[nodiscard]] std::string_view FindBrokenHost(const Question& question,
                                              const v1::DecideResponse& answer);

}  // namespace fingerpost::decide

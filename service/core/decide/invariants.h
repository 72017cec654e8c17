// What holds for every answer of Decide, whatever the question (design guarantees 1 to 4). Checked
// on each one before it leaves.
#pragma once

#include <string_view>

#include "core/decide/question.h"
#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::decide {

// The invariant that `answer` breaks; empty when it breaks none.
[[nodiscard]] std::string_view FindBrokenInvariant(std::string_view method, v1::Purpose purpose,
                                                   const v1::DecideResponse& answer);

// The same for the hosts to which `answer`, the one to `question`, leads: each is the request's
// own, one that its target names before any value is filled in, by whoever may name any, or an
// allowed one. Compares hosts that are parsed already.
[[nodiscard]] std::string_view FindBrokenHost(const Question& question,
                                              const v1::DecideResponse& answer);

}  // namespace fingerpost::decide

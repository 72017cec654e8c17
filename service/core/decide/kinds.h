// The kinds of answers that there are: what Decide can give with which status, for which purpose.
#pragma once

#include <cstdint>

#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::decide {

// Whether an answer can be so. `purpose` is that of the question's own intent; UNSPECIFIED: the
// policy chose. A few hundred combinations are possible.
[[nodiscard]] bool IsKind(v1::Outcome outcome, v1::Purpose purpose, int32_t status,
                          v1::ReasonCode reason);

}  // namespace fingerpost::decide

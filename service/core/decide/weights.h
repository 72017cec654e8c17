// Weighted targets: the same key always draws the same target, on every replica and in every
// release.
#pragma once

#include <cstdint>
#include <string_view>

#include "fingerpost/v1/intent.pb.h"

namespace fingerpost::decide {

// Index of the target that `key` draws, as the comment of StickyKey specifies. The weights do not
// add up to 0.
[[nodiscard]] int DrawTarget(const v1::Intent& intent, std::string_view salt, std::string_view key);

}  // namespace fingerpost::decide

// Weighted targets: the same key always draws the same target, on every replica and in every
// release.
#pragma once

#include <cstdint>
#include <string_view>

#include "fingerpost/v1/intent.pb.h"

namespace fingerpost::decide {

// The index of the target that `key` draws, as StickyKey's comment specifies. The sum of the
// weights must not be 0.
[[nodiscard]] int DrawTarget(const v1::Intent& intent, std::string_view salt, std::string_view key);

}  // namespace fingerpost::decide

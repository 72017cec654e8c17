// Path and query as a client writes them.
#pragma once

#include <string>
#include <string_view>

#include "core/follow/profiles/spelling.h"

namespace fingerpost::follow {

// `path` and `query`, which has its "?" if there is one, unveiled (veil.h).
[[nodiscard]] std::string WriteParts(std::string_view path, std::string_view query,
                                     const Spelling& spelling);

}  // namespace fingerpost::follow

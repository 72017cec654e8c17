// Ways in which a page leads on without an HTTP redirect: only browsers go there.
#pragma once

#include "trace.h"

namespace fingerpost::cli {

// Those of the hop's response: the Refresh field, and in HTML a meta element of that kind and
// scripts that set their location. Scripts are not run, so other ways of saying it are not seen.
[[nodiscard]] std::vector<ChainProblem> PageRedirects(const Hop& hop);

}  // namespace fingerpost::cli

// What leads on from a page without being a redirect of HTTP: browsers go there, and no other
// client does.
#pragma once

#include "trace.h"

namespace fingerpost::cli {

// Those of the hop's response: the Refresh field, and in HTML a meta element of that kind and
// scripts that set their location. A script is not run, so that what it says in other words is not
// seen.
[[nodiscard]] std::vector<ChainProblem> PageRedirects(const Hop& hop);

}  // namespace fingerpost::cli

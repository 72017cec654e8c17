// From the order in which another tool tries its redirects to ours, without another answer.
#pragma once

#include <string>
#include <vector>

#include "policy/formats/redirect.h"
#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

// Takes out what the policy cannot have and what can never answer, with a report, and brings the
// others into a form in which ours answers as the first that matches: an exact path or a prefix
// that would overtake an earlier redirect becomes a pattern, since patterns are tried in their
// order. `hosts` are those of redirects that name none.
[[nodiscard]] Redirects Settle(Redirects redirects, const std::vector<std::string>& hosts,
                               Report& report);

}  // namespace fingerpost::policy::formats

// What "rewrite" of nginx asks of a path, and where it leads.
#pragma once

#include <string>

#include "policy/formats/nginx_condition.h"

namespace fingerpost::policy::formats {

// Makes the context's source that of the expression, too. False: never, or not sayable, as `what`
// says. Fills in "$1" of the target where only one path matches.
[[nodiscard]] bool NarrowByRewrite(const std::string& expression, NginxContext& context,
                                   std::string& target, std::string& what);

// The request's query comes after the target's, but for a "?" at the end.
[[nodiscard]] std::string WithRequestQuery(std::string target);

}  // namespace fingerpost::policy::formats

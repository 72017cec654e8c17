// "server_name" of nginx.
#pragma once

#include <cstddef>

#include "policy/formats/nginx_condition.h"
#include "policy/formats/nginx_syntax.h"
#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

// nginx looks for the server of a host by name, then by the longest domain, then by pattern: the
// more, the earlier. 0: it is the server for all other hosts.
[[nodiscard]] size_t NginxNameRank(const Directive& server);

// Adds the hosts of a "server_name". False: one of them is left out, as the report says.
[[nodiscard]] bool AddNginxNames(const Directive& names, NginxContext& context, Report& report);

}  // namespace fingerpost::policy::formats

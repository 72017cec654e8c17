// Where a request ends, as far as the server and whoever passed the request on must agree about it:
// otherwise the rest of one is taken for the next one, which may be somebody else's.
#pragma once

#include <civetweb.h>

#include <optional>

#include "server/http_server.h"

namespace fingerpost {

// The refusal of a request whose end is in doubt (RFC 9112 §3.2, §6.1, §6.3), or that has more
// fields than civetweb keeps: what it drops may say where the content ends. The connection cannot
// be used any more. civetweb has taken the first Content-Length by strtoll().
[[nodiscard]] std::optional<HttpAnswer> RefuseFraming(const mg_request_info& info);

}  // namespace fingerpost

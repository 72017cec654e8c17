// The question to the policy about a request that a web client has sent: read from what a gateway
// forwards about it, or from the request itself.
#pragma once

#include <string_view>

#include "core/message/result.h"
#include "fingerpost/v1/decide.pb.h"
#include "server/http/server.h"

namespace fingerpost {

// What is asked about when no forwarded field says otherwise.
struct Implied {
  std::string_view scheme;  // of the port
  std::string_view target;  // path and query
};

// /v1/gateway: X-Forwarded-Method, -Uri, -Host and -Proto, or X-Original-Method, -URI and -URL, win
// over the request line and Host. Fields that say the same twice, two different things, or nothing
// make a request that cannot be read: one of them may be the client's own. The error names the
// field.
[[nodiscard]] message::Result<v1::DecideRequest> ReadForwarded(const HttpCall& call,
                                                               const Implied& implied);

// The request itself (RFC 9112 §3.3); no field is believed but Host.
[[nodiscard]] message::Result<v1::DecideRequest> ReadDirect(const HttpCall& call,
                                                            const Implied& implied);

}  // namespace fingerpost

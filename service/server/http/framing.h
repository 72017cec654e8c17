// Where a request ends, as far as the server and whoever passed the request on must agree about it:
// otherwise the rest of one is taken for the next one, which may be somebody else's.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <optional>
#include <string_view>

#include "server/http/server.h"

namespace fingerpost {

// Whether a line of the head goes on in the next one (RFC 9112 §5.2), which Beast accepts. `text`
// begins with a line of the head, and need not hold all of it.
[[nodiscard]] bool HasFoldedLine(std::string_view text);

// The refusal of a request whose end is in doubt (RFC 9112 §3.2, §6.1, §6.3), or that has more
// fields than any client sends. The connection cannot be used any more.
[[nodiscard]] std::optional<HttpAnswer> RefuseFraming(
    const boost::beast::http::request_header<>& head);

}  // namespace fingerpost

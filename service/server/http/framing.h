// Where a request ends. The server and every proxy before it must agree about that: otherwise the
// rest of one request is taken for the next one, which may be somebody else's.
#pragma once

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/http/server.h"

namespace fingerpost {

// Whether a line of the head continues in the next one (RFC 9112 §5.2), which Beast accepts. `text`
// begins with a line of the head, which may be incomplete.
[[nodiscard]] bool HasFoldedLine(std::string_view text);

// For Beast: refuses a line break in a chunk's extension, where some parsers end the line even if
// it is quoted (RFC 9112 §7.1.1).
inline auto check_extension = [](uint64_t /*size*/, std::string_view extension,
                                 boost::system::error_code& fault) {
  if (extension.find_first_of("\r\n") != extension.npos)
    fault = boost::beast::http::error::bad_chunk_extension;
};

// Refuses a request whose end is ambiguous (RFC 9112 §3.2, §6.1, §6.3), or that has more fields
// than any client sends. The connection cannot be used any more.
[[nodiscard]] std::optional<HttpAnswer> RefuseFraming(
    const boost::beast::http::request_header<>& head);

// Refuses a POST whose content has no length: it was probably forgotten (RFC 9110 §15.5.12).
[[nodiscard]] std::optional<HttpAnswer> RequireLength(
    const boost::beast::http::request_header<>& head);

// The refusal of a message that the parser cannot read.
[[nodiscard]] HttpAnswer UnreadableMessage(const boost::system::error_code& fault, bool in_content);

}  // namespace fingerpost

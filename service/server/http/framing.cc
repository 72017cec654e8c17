#include "server/http/framing.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/verb.hpp>
#include <iterator>

#include "core/http/fields.h"
#include "server/http/error.h"

namespace fingerpost {
namespace {

namespace beast = boost::beast;

// Most fields of one request; other servers allow about as many.
constexpr auto kMaxFields = 100;

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool HasFoldedLine(std::string_view text) {
  if (text.starts_with("\r\n")) return false;  // The end of the head.
  text = text.substr(0, text.find("\r\n\r\n"));
  return text.find("\r\n ") != text.npos || text.find("\r\n\t") != text.npos;
}

std::optional<HttpAnswer> RefuseFraming(const beast::http::request_header<>& head) {
  if (std::distance(head.begin(), head.end()) > kMaxFields) {
    return HttpError(431, fmt::format("Expected at most {} fields.", kMaxFields));
  }
  const bool is_1_1 = head.version() == 11;
  const auto hosts = head.count(beast::http::field::host);
  if (hosts > 1 || (is_1_1 && hosts == 0)) return HttpError(400, "Expected one Host field.");

  const auto lengths = head.count(beast::http::field::content_length);
  const auto codings = head.count(beast::http::field::transfer_encoding);
  if (codings > 0) {
    if (lengths > 0) {
      return HttpError(400, "Expected one of Content-Length and Transfer-Encoding, not both.");
    }
    if (!is_1_1) return HttpError(400, "HTTP/1.0 has no Transfer-Encoding.");
    const auto coding = head[beast::http::field::transfer_encoding];
    if (codings > 1 || !http::EqualsIgnoreCase({coding.data(), coding.size()}, "chunked")) {
      return HttpError(501, "The only transfer coding here is chunked.");
    }
    return std::nullopt;
  }
  const auto length = head[beast::http::field::content_length];
  if (lengths > 1 || (lengths == 1 && !IsDigits({length.data(), length.size()}))) {
    return HttpError(400, "Expected one Content-Length, in decimal digits.");
  }
  return std::nullopt;
}

std::optional<HttpAnswer> RequireLength(const beast::http::request_header<>& head) {
  if (head.method() != beast::http::verb::post ||
      head.count(beast::http::field::content_length) > 0 ||
      head.count(beast::http::field::transfer_encoding) > 0) {
    return std::nullopt;
  }
  return HttpError(411, "Expected Content-Length, or Transfer-Encoding: chunked.");
}

HttpAnswer UnreadableMessage(const boost::system::error_code& fault, bool in_content) {
  if (fault == beast::http::error::body_limit) return HttpError(413, "The content is too large.");
  if (fault == beast::http::error::header_limit) return HttpError(431, "The head is too large.");
  return HttpError(400, in_content ? "The chunks cannot be read: " + fault.message() + "."
                                   : "The head cannot be read: " + fault.message() + ".");
}

}  // namespace fingerpost

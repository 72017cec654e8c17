#include "server/http/head.h"

#include <fmt/format.h>

#include <boost/beast/http/status.hpp>
#include <iterator>

namespace fingerpost {
namespace {

namespace beast = boost::beast;

// "" for a status without one, which is as good (RFC 9112 §4).
std::string_view ReasonOf(int status) {
  const auto known = beast::http::int_to_status(static_cast<unsigned>(status));
  if (known == beast::http::status::unknown) return {};
  return beast::http::obsolete_reason(known);
}

}  // namespace

std::string ResponseHead(const HttpAnswer& answer, std::string_view date, bool keeps, bool to_1_0) {
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", answer.status, ReasonOf(answer.status), date);
  if (!keeps) head += "Connection: close\r\n";
  if (keeps && to_1_0) head += "Connection: keep-alive\r\n";
  if (answer.status != 204 && answer.status != 304 && !answer.is_whole) {
    fmt::format_to(std::back_inserter(head), "Content-Type: {}\r\nContent-Length: {}\r\n",
                   answer.type, answer.body.size() + answer.shared.size());
  }
  bool is_cached = answer.is_whole;
  for (const auto& [name, value] : answer.fields) {
    is_cached = is_cached || name == "Cache-Control";
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (!is_cached) head += "Cache-Control: no-store\r\n";
  if (!answer.is_whole) head += "X-Content-Type-Options: nosniff\r\n";
  return head += "\r\n";
}

}  // namespace fingerpost

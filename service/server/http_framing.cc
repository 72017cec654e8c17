#include "server/http_framing.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/http/fields.h"

namespace fingerpost {
namespace {

struct Field {
  int count = 0;
  std::string_view value;  // of the first
};

Field Find(const mg_request_info& info, std::string_view name) {
  Field found;
  for (int i = 0; i < info.num_headers; ++i) {
    const mg_header& field = info.http_headers[i];
    if (!http::EqualsIgnoreCase(field.name, name)) continue;
    if (found.count++ == 0) found.value = http::TrimWhitespace(field.value);
  }
  return found;
}

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

HttpAnswer Refusal(int status, std::string_view what) {
  return {.status = status, .body = fmt::format("{}\n", what), .fields = {}};
}

}  // namespace

std::optional<HttpAnswer> RefuseFraming(const mg_request_info& info) {
  if (info.num_headers >= MG_MAX_HEADERS) {
    return Refusal(431, fmt::format("expected fewer than {} fields", MG_MAX_HEADERS));
  }
  const bool is_1_1 = std::string_view(info.http_version) == "1.1";
  const Field host = Find(info, "host");
  if (host.count > 1 || (is_1_1 && host.count == 0)) return Refusal(400, "expected one Host field");

  const Field length = Find(info, "content-length");
  const Field coding = Find(info, "transfer-encoding");
  if (coding.count > 0) {
    if (length.count > 0) {
      return Refusal(400, "expected one of Content-Length and Transfer-Encoding, not both");
    }
    if (!is_1_1) return Refusal(400, "HTTP/1.0 has no Transfer-Encoding");
    if (coding.count > 1 || !http::EqualsIgnoreCase(coding.value, "chunked")) {
      return Refusal(501, "the only transfer coding here is chunked");
    }
    return std::nullopt;
  }
  if (length.count > 1 || (length.count == 1 && !IsDigits(length.value))) {
    return Refusal(400, "expected one Content-Length, in decimal digits");
  }
  // A line that is no field ends the fields for civetweb: the length may have been among the rest.
  if (length.count == 0 && std::string_view(info.request_method) == "POST") {
    return Refusal(411, "expected Content-Length, or Transfer-Encoding: chunked");
  }
  return std::nullopt;
}

}  // namespace fingerpost

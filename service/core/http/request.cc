#include "core/http/request.h"

#include <string>

namespace fingerpost::http {
namespace {

std::string TooLong(std::string_view when, size_t size) {
  return "at most 65536 octets" + std::string(when) + ", got " + std::to_string(size);
}

// What is wrong with the URL's text; empty when `url` is what it says.
std::string UrlFault(const std::string& text, std::optional<Url>& url) {
  if (text.size() > kMaxUrl) return TooLong("", text.size());
  // The parser would drop some of them, and with them the border between host and path.
  if (HasControl(text)) return "control characters are not allowed in a URL";
  if (!ParseUrl(text, nullptr, url.emplace()) || !IsHttp(*url)) {
    return "expected an absolute http or https URL";
  }
  const size_t size = url->get_href().size();
  return size > kMaxUrl ? TooLong(" once serialised", size) : std::string();
}

void ReadUrl(const std::string& text, std::string_view why, std::optional<Url>& url,
             message::Violations& violations) {
  url.reset();
  if (text.empty()) {
    if (!why.empty()) violations.Add("request.url", why);
    return;
  }
  const std::string fault = UrlFault(text, url);
  if (fault.empty()) return;
  url.reset();
  violations.Add("request.url", fault);
}

void CheckKnown(bool known, std::string_view field, int value, message::Violations& violations) {
  if (known) return;
  violations.Add(field, "not a value of this version: " + std::to_string(value));
}

}  // namespace

void ReadRequest(const v1::HttpRequest& http, std::string_view why_url, int most_headers,
                 std::optional<Url>& url, message::Violations& violations) {
  CheckMethod(http.method(), "request.method", violations);
  ReadUrl(http.url(), why_url, url, violations);
  CheckKnown(v1::Protocol_IsValid(http.protocol()), "request.protocol", http.protocol(),
             violations);
  CheckHeaders(http.headers(), "request.headers", violations, most_headers);
  CheckKnown(v1::Body_IsValid(http.body()), "request.body", http.body(), violations);
}

}  // namespace fingerpost::http

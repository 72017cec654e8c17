#include "core/http/request.h"

#include <string>

namespace fingerpost::http {
namespace {

// What is wrong with the URL's text; empty when `url` is what it says.
std::string UrlFault(const std::string& text, size_t longest, std::optional<Url>& url) {
  if (text.size() > longest) return message::AtMost(longest, "octets", text.size());
  // The parser would drop some of them, and so could move the border between host and path.
  if (HasControl(text)) return "control characters are not allowed in a URL";
  if (!ParseUrl(text, nullptr, url.emplace()) || !IsHttp(*url)) {
    return "expected an absolute http or https URL";
  }
  const size_t size = url->get_href().size();
  return size > kMaxUrl ? message::AtMost(kMaxUrl, "octets once serialised", size) : std::string();
}

// nullopt: `url` is its own target URI, as is usual.
std::optional<Url> TargetUri(const Url& url) {
  if (!HasUserinfo(url) && !url.has_hash() && !HasNoUri(FromPathOn(url))) return std::nullopt;
  Url uri = url;
  if (HasUserinfo(uri)) StripUserinfo(uri);
  if (uri.has_hash()) uri.set_hash("");
  WriteAsUri(uri);
  return uri;
}

void CheckKnown(bool known, const message::Place& place, int value, message::Faults& faults) {
  if (known) return;
  faults.Error(place, "not a value of this version: " + std::to_string(value));
}

}  // namespace

Request ReadRequest(const v1::HttpRequest& message, const RequestLimits& limits,
                    message::Faults& faults) {
  Request request(message);
  CheckMethod(message.method(), "request.method", faults);
  request.place_of_url_ = faults.errors();
  if (!message.url().empty()) {
    const std::string fault = UrlFault(message.url(), limits.max_url_length, request.url_);
    if (fault.empty()) {
      request.target_uri_ = TargetUri(*request.url_);
    } else {
      request.url_.reset();
      faults.Error("request.url", fault);
    }
  }
  CheckKnown(v1::Protocol_IsValid(message.protocol()), "request.protocol", message.protocol(),
             faults);
  CheckHeaders(message.headers(), "request.headers", faults, limits.max_fields,
               limits.max_field_length);
  CheckKnown(v1::Body_IsValid(message.body()), "request.body", message.body(), faults);
  return request;
}

void RequireUrl(const Request& request, std::string_view why, message::Faults& faults) {
  if (!request.message.url().empty()) return;
  faults.Insert(request.place_of_url_, "request.url", why);
}

}  // namespace fingerpost::http

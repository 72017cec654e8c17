// The request of a question, read once: parsed, with the same faults in the same words for every
// question, wish and API.
#pragma once

#include <optional>
#include <string_view>

#include "core/http/client_kind.h"
#include "core/http/fields.h"
#include "core/http/limits.h"
#include "core/http/url.h"
#include "core/message/faults.h"
#include "fingerpost/v1/http.pb.h"

namespace fingerpost::http {

// The result of ReadRequest. The message must outlive it. For one thread.
class Request {
 public:
  // Not read yet.
  explicit Request(const v1::HttpRequest& message)
      : message(message), method(message.method()), page(method == "GET" || method == "HEAD") {}

  const v1::HttpRequest& message;
  const std::string_view method;
  const bool page;  // GET and HEAD: the methods of pages and caches.

  [[nodiscard]] const Headers& headers() const { return message.headers(); }
  [[nodiscard]] bool http_1_0() const { return message.protocol() == v1::PROTOCOL_HTTP_1_0; }
  // Field names in lower case (RFC 9113 §8.2.1, RFC 9114 §4.2).
  [[nodiscard]] bool lower_case_names() const {
    return message.protocol() == v1::PROTOCOL_HTTP_2 || message.protocol() == v1::PROTOCOL_HTTP_3;
  }

  // request.url as the URL parser writes it; nullptr if it is absent or faulty.
  [[nodiscard]] const Url* url() const { return url_ ? &*url_ : nullptr; }
  // The same as a target URI (RFC 9110 §7.1): without userinfo and fragment, and percent-encoded.
  [[nodiscard]] const Url* target_uri() const { return target_uri_ ? &*target_uri_ : url(); }
  // request.url has a fault of its own, which has been told.
  [[nodiscard]] bool has_bad_url() const { return !url_ && !message.url().empty(); }

  // The kind of client, by the fields. Read at the first call.
  [[nodiscard]] const ClientReading& client() const {
    if (!client_) client_ = ReadClientKind(headers());
    return *client_;
  }

 private:
  friend Request ReadRequest(const v1::HttpRequest& message, const RequestLimits& limits,
                             message::Faults& faults);
  friend void RequireUrl(const Request& request, std::string_view why, message::Faults& faults);

  std::optional<Url> url_;
  std::optional<Url> target_uri_;  // Unless it is url_.
  size_t place_of_url_ = 0;        // Of a fault of request.url among the faults.
  mutable std::optional<ClientReading> client_;
};

// Reports everything that is wrong with `message`, in the order of its members. An
// absent URL is none: see RequireUrl.
[[nodiscard]] Request ReadRequest(const v1::HttpRequest& message, const RequestLimits& limits,
                                  message::Faults& faults);

// Reports `why`, among the faults of ReadRequest, when the request has no URL.
void RequireUrl(const Request& request, std::string_view why, message::Faults& faults);

}  // namespace fingerpost::http

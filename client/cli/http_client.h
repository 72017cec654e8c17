// One HTTP exchange, no redirect followed.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/message/result.h"
#include "fingerpost/v1/http.pb.h"

namespace fingerpost::cli {

// How to reach the server. "" and empty: libcurl's default.
struct Transport {
  std::string authorities;           // a PEM file instead of the system's
  bool verifies = true;              // certificates
  std::vector<std::string> resolve;  // "HOST:PORT:ADDRESS", as CURLOPT_RESOLVE
  std::optional<std::string> proxy;  // "" for none; absent: the environment's
  // The most content that is read: enough for the head of a page, which may lead on. A connection
  // with more content is not used again.
  size_t most_content = size_t{64} << 10;  // octets
  // Nor is one that stalls, such as an event stream or a slow page.
  std::chrono::milliseconds content_wait{500};
};

// What came back.
struct Exchange {
  std::string version;                // "HTTP/1.1"
  std::string phrase;                 // the server's own words; none in HTTP/2
  v1::HttpResponse response;          // unchecked: the status may be 999, and a name no token
  std::string content;                // its beginning, see Transport
  std::chrono::microseconds time{0};  // to the response's first octet, or to the failure
};

class HttpClient {
 public:
  explicit HttpClient(Transport transport);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Sends `request` unchanged, with `content` if it has any, and reads the response's fields, but
  // little of its content. The error says why there is no response.
  [[nodiscard]] message::Result<void> Send(const v1::HttpRequest& request,
                                           const std::string& content,
                                           std::chrono::milliseconds timeout, Exchange& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fingerpost::cli

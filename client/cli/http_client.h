// One HTTP exchange, no redirect followed.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "fingerpost/v1/http.pb.h"

namespace fingerpost::cli {

// What came back.
struct Exchange {
  std::string version;  // "HTTP/1.1"
  std::string phrase;   // the server's own words; none in HTTP/2
  v1::HttpResponse response;
  std::chrono::microseconds time{0};  // to the response's first octet, or to the failure
};

class HttpClient {
 public:
  // `authorities`: a PEM file; "" for the system's.
  explicit HttpClient(std::string authorities);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Sends `request` as it stands, with `content` where it has some, and reads the response's
  // fields; its content is not waited for. False: `problem` says why there is no response.
  [[nodiscard]] bool Send(const v1::HttpRequest& request, const std::string& content,
                          std::chrono::milliseconds timeout, Exchange& out, std::string& problem);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fingerpost::cli

// A small HTTP/1.1 server by civetweb: for the admin page, the metrics and HTTP/JSON. A thread for
// each connection.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fingerpost {

struct HttpCall {
  std::string_view method;
  std::string_view path;   // without query
  std::string_view query;  // as sent, "" without one
  std::string body;
  std::string peer;
  // Value of a field, "" without one.
  std::function<std::string_view(const char* name)> field;
};

struct HttpAnswer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::string fields;               // more field lines, each with its CR LF
  std::shared_ptr<void> held = {};  // until the answer has been written
};

// The value of a parameter of an application/x-www-form-urlencoded query, decoded; "" without one.
[[nodiscard]] std::string QueryValue(std::string_view query, const char* name);

using HttpHandler = std::function<HttpAnswer(const HttpCall&)>;

struct HttpOptions {
  std::string flag;     // the setting that named the address, for errors
  std::string address;  // HOST:PORT
  int threads = 4;      // and so connections that are served at once
  size_t max_body = size_t{1} << 20;
  // How long a request's head may take, and its content. A caller that is slower than this is not
  // one that waits for an answer.
  std::chrono::milliseconds patience{10'000};
  std::vector<std::string> hosts = {};  // that it answers, besides those of HttpHosts
};

class HttpServer {
 public:
  // Listens and answers from now on. Throws Failure. What `handler` throws is 500.
  HttpServer(const HttpOptions& options, HttpHandler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // With the port that it really is.
  [[nodiscard]] const std::string& address() const;
  // From now on each answer ends its connection, so that clients go elsewhere without losing one.
  void Drain();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fingerpost

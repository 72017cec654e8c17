#include "server/http_server.h"

#include <civetweb.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <optional>
#include <utility>

#include "server/failure.h"
#include "server/listener.h"

namespace fingerpost {
namespace {

// A caller that is slower than this is not one that waits for an answer.
constexpr char kRequestTimeoutMs[] = "10000";
constexpr char kKeepAliveMs[] = "5000";

std::string_view PhraseOf(int status) {
  static const std::pair<int, std::string_view> phrases[] = {
      {200, "OK"},
      {400, "Bad Request"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {429, "Too Many Requests"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  };
  for (const auto& [code, phrase] : phrases) {
    if (code == status) return phrase;
  }
  return "Unknown";
}

// The content, or nullopt when there is more than `limit`.
std::optional<std::string> ReadBody(mg_connection* connection, long long length, size_t limit) {
  if (length > 0 && static_cast<size_t>(length) > limit) return std::nullopt;
  std::string body;
  char buffer[16384];
  int count = 0;
  while ((count = mg_read(connection, buffer, sizeof buffer)) > 0) {
    body.append(buffer, static_cast<size_t>(count));
    if (body.size() > limit) return std::nullopt;
  }
  return body;
}

void Write(mg_connection* connection, const HttpAnswer& answer, bool head) {
  std::string text = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\n{}",
      answer.status, PhraseOf(answer.status), answer.type, answer.body.size(), answer.fields);
  // Content that was not read would be taken for the next request.
  if (answer.status == 413) text += "Connection: close\r\n";
  text += "\r\n";
  if (!head) text += answer.body;
  mg_write(connection, text.data(), text.size());
}

}  // namespace

std::string QueryValue(std::string_view query, const char* name) {
  std::string value(query.size() + 1, '\0');
  const int length = mg_get_var(query.data(), query.size(), name, value.data(), value.size());
  value.resize(length > 0 ? static_cast<size_t>(length) : 0);
  return value;
}

class HttpServer::Impl {
 public:
  Impl(const HttpOptions& options, HttpHandler handler)
      : options_(options), handler_(std::move(handler)) {
    static std::once_flag once;
    std::call_once(once, [] { mg_init_library(MG_FEATURES_DEFAULT); });
    mg_callbacks callbacks{};
    callbacks.begin_request = Answer;
    callbacks.log_message = [](const mg_connection*, const char* message) {
      spdlog::debug("http: {}", message);
      return 1;
    };
    const std::string threads = std::to_string(options.threads);
    const char* settings[] = {"listening_ports",
                              options.address.c_str(),
                              "num_threads",
                              threads.c_str(),
                              "request_timeout_ms",
                              kRequestTimeoutMs,
                              "enable_keep_alive",
                              "yes",
                              "keep_alive_timeout_ms",
                              kKeepAliveMs,
                              "tcp_nodelay",
                              "1",
                              nullptr};
    context_ = mg_start(&callbacks, this, settings);
    if (context_ == nullptr) {
      throw Failure(ExitCode::kListen, fmt::format("{} {}: {}", options.flag, options.address,
                                                   WhyNot(options.address)));
    }
    mg_server_port port{};
    mg_get_server_ports(context_, 1, &port);
    address_ = WithPort(options.address, port.port);
  }
  ~Impl() { mg_stop(context_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  static int Answer(mg_connection* connection) {
    const mg_request_info& info = *mg_get_request_info(connection);
    const auto& self = *static_cast<const Impl*>(info.user_data);
    const bool head = std::string_view(info.request_method) == "HEAD";
    Write(connection, self.AnswerOf(connection, info), head);
    return 1;
  }

  HttpAnswer AnswerOf(mg_connection* connection, const mg_request_info& info) const {
    auto body = ReadBody(connection, info.content_length, options_.max_body);
    if (!body) return {.status = 413, .body = "content too large\n", .fields = {}};
    const auto field = [connection](const char* name) {
      const char* value = mg_get_header(connection, name);
      return std::string_view(value == nullptr ? "" : value);
    };
    try {
      return handler_({.method = info.request_method,
                       .path = info.local_uri == nullptr ? "" : info.local_uri,
                       .query = info.query_string == nullptr ? "" : info.query_string,
                       .body = std::move(*body),
                       .peer = fmt::format("{}:{}", info.remote_addr, info.remote_port),
                       .field = field});
    } catch (const std::exception& fault) {
      spdlog::error("http: {}", fault.what());
    } catch (...) {
      spdlog::error("http: unknown failure");
    }
    return {.status = 500, .body = "internal error\n", .fields = {}};
  }

  const HttpOptions options_;
  const HttpHandler handler_;
  mg_context* context_ = nullptr;
  std::string address_;
};

HttpServer::HttpServer(const HttpOptions& options, HttpHandler handler)
    : impl_(std::make_unique<Impl>(options, std::move(handler))) {}
HttpServer::~HttpServer() = default;
const std::string& HttpServer::address() const { return impl_->address(); }

}  // namespace fingerpost

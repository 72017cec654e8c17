#include "server/http_server.h"

#include <civetweb.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "core/http/fields.h"
#include "server/failure.h"
#include "server/http_framing.h"
#include "server/http_hosts.h"
#include "server/listener.h"
#include "server/slow_requests.h"
#include "server/sockets.h"

namespace fingerpost {
namespace {

// A connection that has sent nothing is not accepted before this: it takes no thread. Seconds.
constexpr int kSilence = 10;
constexpr char kKeepAliveMs[] = "5000";
// How long a client that was refused before its content was read may go on sending it: a connection
// that is closed at once is reset, and takes the answer with it (RFC 9112 §9.6).
constexpr std::chrono::milliseconds kLinger{2000};
// How long a request that a client has begun to send may take when the server stops.
constexpr std::chrono::milliseconds kLastRequests{500};
// From three quarters of the threads on a connection ends with its answer.
constexpr int kBusyNumerator = 3;
constexpr int kBusyDenominator = 4;

std::string_view PhraseOf(int status) {
  static const std::pair<int, std::string_view> phrases[] = {
      {200, "OK"},
      {400, "Bad Request"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {411, "Length Required"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {421, "Misdirected Request"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
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

enum class Content { kWhole, kTooLarge, kCutOff };

struct Reply {
  HttpAnswer answer;
  // Content that was not read would be taken for the next request.
  bool ends_connection = false;
};

// `length`: as the request says, or negative.
Content ReadBody(mg_connection* connection, long long length, size_t limit, std::string& body) {
  if (length > 0 && static_cast<size_t>(length) > limit) return Content::kTooLarge;
  // Such a client sends nothing before it is told to, or has waited (RFC 9110 §10.1.1).
  const char* expect = mg_get_header(connection, "Expect");
  if (expect != nullptr && http::EqualsIgnoreCase(expect, "100-continue")) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    mg_write(connection, kContinue.data(), kContinue.size());
  }
  char buffer[16384];
  int count = 0;
  while ((count = mg_read(connection, buffer, sizeof buffer)) > 0) {
    body.append(buffer, static_cast<size_t>(count));
    if (body.size() > limit) return Content::kTooLarge;
  }
  const bool is_short = length > 0 && body.size() < static_cast<size_t>(length);
  return count < 0 || is_short ? Content::kCutOff : Content::kWhole;
}

void Write(mg_connection* connection, const HttpAnswer& answer, bool head) {
  std::string text = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\n{}",
      answer.status, PhraseOf(answer.status), answer.type, answer.body.size(), answer.fields);
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
      : options_(options), handler_(std::move(handler)), hosts_(options.address, options.hosts) {
    static std::once_flag once;
    std::call_once(once, [] { mg_init_library(MG_FEATURES_DEFAULT); });
    mg_callbacks callbacks{};
    callbacks.begin_request = Answer;
    callbacks.init_connection = [](const mg_connection* connection, void** /*data*/) {
      ++Of(connection).connections_;
      return 0;
    };
    callbacks.connection_closed = [](const mg_connection* connection) {
      --Of(connection).connections_;
    };
    callbacks.log_message = [](const mg_connection*, const char* message) {
      spdlog::debug("http: {}", message);
      return 1;
    };
    const std::string threads = std::to_string(options.threads);
    const std::string patience = std::to_string(options.patience.count());
    // The "auth domain": otherwise a URL as target is answered by closing the connection.
    const char* settings[] = {"listening_ports",
                              options.address.c_str(),
                              "num_threads",
                              threads.c_str(),
                              "request_timeout_ms",
                              patience.c_str(),
                              "enable_keep_alive",
                              "yes",
                              "keep_alive_timeout_ms",
                              kKeepAliveMs,
                              "tcp_nodelay",
                              "1",
                              "enable_auth_domain_check",
                              "no",
                              nullptr};
    context_ = mg_start(&callbacks, this, settings);
    if (context_ == nullptr) {
      throw Failure(ExitCode::kListen, fmt::format("{} {}: {}", options.flag, options.address,
                                                   WhyNot(options.address)));
    }
    mg_server_port port{};
    mg_get_server_ports(context_, 1, &port);
    port_ = port.port;
    address_ = WithPort(options.address, port_);
    ForEachSocket(port_, [](int fd) {
      if (IsListener(fd)) setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &kSilence, sizeof kSilence);
    });
  }
  ~Impl() {
    Drain();
    // civetweb looks only every two seconds whether it should stop, once for the listener and once
    // for connections that wait for a request. This ends those waits.
    ForEachSocket(port_, [](int fd) {
      if (IsListener(fd)) StopReading(fd);
    });
    // Requests that are on their way are still answered; connections that are silent have none.
    const auto give_up = std::chrono::steady_clock::now() + kLastRequests;
    while (connections_ > 0 && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(kLastRequests / 50);
    }
    ForEachSocket(port_, StopReading);
    mg_stop(context_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }
  void Drain() { draining_ = true; }

 private:
  static Impl& Of(const mg_connection* connection) {
    return *static_cast<Impl*>(mg_get_user_data(mg_get_context(connection)));
  }

  static int Answer(mg_connection* connection) {
    const mg_request_info& info = *mg_get_request_info(connection);
    const Impl& self = Of(connection);
    const bool head = std::string_view(info.request_method) == "HEAD";
    const std::string peer = fmt::format("{}:{}", info.remote_addr, info.remote_port);
    Reply reply = self.ReplyTo(connection, info, peer);
    // A connection holds its thread while it waits for the next request: the last few do not wait.
    if (reply.ends_connection || self.draining_ ||
        self.connections_ * kBusyDenominator > self.options_.threads * kBusyNumerator) {
      reply.answer.fields += "Connection: close\r\n";
      mg_disable_connection_keep_alive(connection);
    }
    Write(connection, reply.answer, head);
    if (reply.ends_connection) {
      ForEachSocket(self.port_, [&](int fd) {
        if (PeerOf(fd) == peer) Linger(fd, kLinger);
      });
    }
    return 1;
  }

  Reply ReplyTo(mg_connection* connection, const mg_request_info& info,
                const std::string& peer) const {
    if (auto refusal = RefuseFraming(info)) return {*std::move(refusal), true};
    const char* host = mg_get_header(connection, "Host");
    // RFC 9110 §15.5.20. Content that was not read ends the connection.
    if (host != nullptr && !hosts_.Serves(host)) {
      return {{.status = 421, .body = "Host is not served here: see --allow-host\n", .fields = {}},
              true};
    }
    std::string body;
    const auto start = std::chrono::steady_clock::now();
    const Content content = [&] {
      const SlowRequests::Reading reading(slow_, peer);
      return ReadBody(connection, info.content_length, options_.max_body, body);
    }();
    if (content == Content::kTooLarge) {
      return {{.status = 413, .body = "content too large\n", .fields = {}}, true};
    }
    if (content == Content::kCutOff) {
      if (std::chrono::steady_clock::now() - start < options_.patience) {
        return {{.status = 400,
                 .body = "the content is cut off, or its chunks cannot be read\n",
                 .fields = {}},
                true};
      }
      return {{.status = 408, .body = "the content did not come in time\n", .fields = {}}, true};
    }
    const auto field = [connection](const char* name) {
      const char* value = mg_get_header(connection, name);
      return std::string_view(value == nullptr ? "" : value);
    };
    try {
      return {handler_({.method = info.request_method,
                        .path = info.local_uri == nullptr ? "" : info.local_uri,
                        .query = info.query_string == nullptr ? "" : info.query_string,
                        .body = std::move(body),
                        .peer = peer,
                        .field = field})};
    } catch (const std::exception& fault) {
      spdlog::error("http: {}", fault.what());
    } catch (...) {
      spdlog::error("http: unknown failure");
    }
    return {{.status = 500, .body = "internal error\n", .fields = {}}};
  }

  const HttpOptions options_;
  const HttpHandler handler_;
  const HttpHosts hosts_;
  std::atomic<int> connections_{0};
  std::atomic<bool> draining_{false};
  mg_context* context_ = nullptr;
  std::atomic<int> port_{0};
  mutable SlowRequests slow_{port_, options_.patience};
  std::string address_;
};

HttpServer::HttpServer(const HttpOptions& options, HttpHandler handler)
    : impl_(std::make_unique<Impl>(options, std::move(handler))) {}
HttpServer::~HttpServer() = default;
void HttpServer::Drain() { impl_->Drain(); }
const std::string& HttpServer::address() const { return impl_->address(); }

}  // namespace fingerpost

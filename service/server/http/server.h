// The HTTP/1.1 ports: HTTP/JSON, and the admin port with its metrics, probes and page.
//
// Each port has one asynchronous server on Boost.Beast. One thread reads, writes and keeps the
// deadlines of all connections of the port; other threads answer requests that may take long. So no
// slow peer holds a thread, and no long answer delays other connections. In this folder:
//
//   server   listens, admits connections, makes room, ends
//   port what connections share, and their deadlines
//   session  one connection; only this file knows Beast's parser
//   target   the parts of a request target
//   framing refuses requests whose end is ambiguous
//   hosts    refuses foreign names in Host
//   tls      the certificate, and the names in the client's
//   error    the one shape of every error
//   tags     whether the client has the representation already
//   head     an answer's status line and fields
//
// Answers come from the handlers, server/json_bridge, server/documents, server/admin and
// server/gateway. The folder
// uses core, rpc, and from the server only limit_log, listener and listening_sockets.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boost::asio::ssl {
class context;
}

namespace fingerpost {

struct HttpCall {
  std::string_view method;
  std::string_view target = {};     // as sent (RFC 9112 §3.2)
  std::string_view authority = {};  // of a target in absolute-form, "" otherwise
  std::string_view path;            // without query
  std::string_view query;           // as sent, "" without one
  std::string_view body;
  std::string_view peer;                   // address and port
  const std::vector<std::string>& caller;  // names in the verified certificate, see rpc/callers.h
  // Value of a field, "" without one.
  std::function<std::string_view(std::string_view name)> field;
  // Calls `visit` for each field line, in order.
  std::function<void(
      const std::function<void(std::string_view name, std::string_view value)>& visit)>
      each_field = {};
  bool is_http_1_0 = false;
};

struct HttpAnswer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body = {};
  // Content in place of `body`; it lives as long as `held`, or as the handler.
  std::string_view shared = {};
  std::vector<std::pair<std::string, std::string>> fields = {};  // additional ones
  std::shared_ptr<const void> held = {};                         // until the answer is written
  // The handler has written every field but Date and Connection: Content-Type, Content-Length and
  // Cache-Control too, if they are wanted.
  bool is_whole = false;
  bool ends_connection = false;
};

// The value of a parameter of an application/x-www-form-urlencoded query, decoded; "" without one.
[[nodiscard]] std::string QueryValue(std::string_view query, std::string_view name);

using HttpHandler = std::function<HttpAnswer(const HttpCall&)>;

struct HttpOptions {
  std::string flag;     // the setting with the address, for errors, log and metrics
  std::string address;  // HOST:PORT
  std::string methods;  // those that the handler knows, for OPTIONS *
  int threads = 2;      // for the handler
  size_t max_content = size_t{1} << 20;
  // The port's own thread answers requests with less content than this.
  size_t short_content = 0;
  // But not for these paths; null: for all.
  std::function<bool(std::string_view path)> takes_long = {};
  int max_connections = 1;
  int max_connections_per_peer = 1;
  // Octets of incomplete or unanswered content, of all connections.
  int64_t max_held = int64_t{16} << 20;
  // How long a client may take for the TLS handshake, for the first octet of a new connection, for
  // a request's head and for its content.
  std::chrono::milliseconds patience{10'000};
  std::chrono::milliseconds write_patience{20'000};  // for taking a whole answer
  std::chrono::milliseconds longest_idle{75'000};    // between an answer and the next request
  std::chrono::milliseconds longest_life{600'000};   // after which the next answer is the last
  std::vector<std::string> hosts = {};               // served besides those of HttpHosts
  // Whether the handler answers this path for every Host, and without its content; null: none.
  // POST needs no Content-Length there.
  std::function<bool(std::string_view path)> is_open = {};
  // Gets such a request that cannot be read, and the refusal; its answer is sent instead.
  std::function<HttpAnswer(const HttpCall& call, HttpAnswer refusal)> on_refused = {};
  // Called for each new connection; null: plaintext.
  std::function<std::shared_ptr<boost::asio::ssl::context>()> tls = {};
};

// Reasons to refuse or end connections, as metrics and the log name them.
enum class HttpLimit { kAll, kPeer, kSilent, kHandshake, kRead, kHead, kContent, kHeld, kWrite };
inline constexpr size_t kHttpLimits = 9;
// "max-connections": the setting's name, if there is one.
[[nodiscard]] const char* NameOf(HttpLimit limit);

struct HttpCounts {
  std::string port;  // "http-listen"
  int now = 0;
  uint64_t accepted = 0;
  std::array<uint64_t, kHttpLimits> by_limit{};
};

class HttpServer {
 public:
  // Listens. Throws Failure. `handler` is called from several threads at once; its exceptions
  // become 500.
  HttpServer(HttpOptions options, HttpHandler handler);
  ~HttpServer();  // as Stop()
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // With the actual port.
  [[nodiscard]] const std::string& address() const;
  [[nodiscard]] HttpCounts counts() const;

  void Start();
  // From now on each answer ends its connection, so that clients go elsewhere without losing an
  // answer.
  void Drain();
  // Accepts no more, answers the requests that have come and ends; cuts off the rest after
  // `longest`. Returns at once.
  void End(std::chrono::milliseconds longest);
  // Ends soon, unless End() was called. Returns when every connection is over.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fingerpost

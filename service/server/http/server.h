// The HTTP/1.1 ports: HTTP/JSON, and the admin port with its metrics, probes and page.
//
// Each port has one asynchronous server on Boost.Beast. One thread reads, writes and keeps the
// deadlines of all connections of the port; other threads answer what may take long. So no slow
// peer holds a thread, and no long answer holds up other connections. In this folder:
//
//   server   listens, admits connections, makes room, ends
//   port     what connections share, and how long each may take for what
//   session  one connection; only this file knows Beast's parser
//   framing  refuses requests whose end is in doubt
//   hosts    refuses foreign names in Host
//   tls      the certificate, and the names in the client's
//   error    the one shape of every error
//
// What is answered is not decided here: server/json_bridge and server/admin are the handlers. The
// folder uses core, rpc, and of the server only limit_log, listener and listening_sockets.
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
  std::string_view path;   // without query
  std::string_view query;  // as sent, "" without one
  std::string_view body;
  std::string_view peer;                   // address and port
  const std::vector<std::string>& caller;  // names of the verified certificate, see rpc/callers.h
  // Value of a field, "" without one.
  std::function<std::string_view(std::string_view name)> field;
};

struct HttpAnswer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> fields = {};  // more of them
  std::shared_ptr<void> held = {};                               // until the answer is written
};

// The value of a parameter of an application/x-www-form-urlencoded query, decoded; "" without one.
[[nodiscard]] std::string QueryValue(std::string_view query, std::string_view name);

using HttpHandler = std::function<HttpAnswer(const HttpCall&)>;

struct HttpOptions {
  std::string flag;     // the setting that named the address, for errors, log and metrics
  std::string address;  // HOST:PORT
  std::string methods;  // those that the handler knows, for OPTIONS *
  int threads = 2;      // that run the handler
  size_t max_content = size_t{1} << 20;
  // Requests with less content than this are answered by the thread of the port.
  size_t short_content = 0;
  int max_connections = 1;
  int max_connections_per_peer = 1;
  // Octets of content that is not complete or not answered, of all connections.
  int64_t max_held = int64_t{16} << 20;
  // How long a client may take for the TLS handshake, for the first octet of a new connection, for
  // a request's head and for its content.
  std::chrono::milliseconds patience{10'000};
  std::chrono::milliseconds write_patience{20'000};  // for taking an answer, all of it
  std::chrono::milliseconds longest_idle{75'000};    // between an answer and the next request
  std::chrono::milliseconds longest_life{600'000};   // after which the next answer is the last
  std::vector<std::string> hosts = {};               // that it answers, besides those of HttpHosts
  // For each new connection, what it is served with; null: plaintext.
  std::function<std::shared_ptr<boost::asio::ssl::context>()> tls = {};
};

// What refuses or ends connections; metrics and the log name it.
enum class HttpLimit { kAll, kPeer, kSilent, kHandshake, kRead, kHead, kContent, kHeld, kWrite };
inline constexpr size_t kHttpLimits = 9;
// "max-connections": the setting, or what else it is.
[[nodiscard]] const char* NameOf(HttpLimit limit);

struct HttpCounts {
  std::string port;  // "http-listen"
  int now = 0;
  uint64_t accepted = 0;
  std::array<uint64_t, kHttpLimits> by_limit{};
};

class HttpServer {
 public:
  // Listens. Throws Failure. What `handler` throws is 500. It is called from several threads at
  // once.
  HttpServer(HttpOptions options, HttpHandler handler);
  ~HttpServer();  // as Stop()
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // With the port that it really is.
  [[nodiscard]] const std::string& address() const;
  [[nodiscard]] HttpCounts counts() const;

  void Start();
  // From now on each answer ends its connection, so that clients go elsewhere without losing one.
  void Drain();
  // Accepts no more, answers what has been asked and ends; after `longest` what is left is cut off.
  // Returns at once.
  void End(std::chrono::milliseconds longest);
  // Ends soon, unless End() was called; returns when every connection is over.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fingerpost

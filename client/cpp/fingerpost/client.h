// The Fingerpost client for C++.
//
//   fingerpost::Client client("dns:///fingerpost:50051", fingerpost::Transport::Tls({}));
//   fingerpost::Decision decision;
//   fingerpost::v1::Error error;
//   if (!client.Decide(request, decision, error)) ...
//
// One client for a process: it is thread-safe and holds one connection per server address, made by
// Ready() or at the first call. Every call has a deadline; without an answer it does what
// client/README.md says. A REFUSE and a stop are answers, not errors.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "fingerpost/connection.h"

namespace fingerpost {

class Breaker;
class SparingLog;

enum class Source { kService, kFallback };

// What to do when the service does not answer.
enum class OnError { kFallBack, kFail };

struct Decision {
  // Checked: when MustSend(), its status, headers and body are the response, as they stand; else
  // its headers are for the page that is sent instead: Vary, see below, and Set-Cookie.
  v1::DecideResponse response;
  Source source = Source::kService;
  // Why the service did not answer, with kFallback.
  v1::Error error;

  [[nodiscard]] bool MustSend() const {
    return response.outcome() == v1::OUTCOME_REDIRECT || response.outcome() == v1::OUTCOME_RESPOND;
  }
  // The Vary of the page that is sent when there is no response: what a rule looked at, merged with
  // the page's own value; empty for none. Shared caches would serve the wrong page without it (RFC
  // 9110 §12.5.5).
  [[nodiscard]] std::string Vary(std::string_view page = "") const;
};

// The status of an error page, when Decide() returned false or the answer is no response: 400 for
// an unsafe target or another value that a visitor may have chosen, 404 for PASS, 503 (with
// Retry-After: 5) when the service does not answer, 500 for a fault of the program's. The reason is
// for the log, not for the visitor.
[[nodiscard]] int ErrorStatus(const Decision& decision, const v1::Error& error);

struct Hop {
  // Checked: either `next`, with every value that the service never saw, or `stop`.
  v1::FollowResponse response;
  Source source = Source::kService;
  v1::Error error;
};

struct ClientOptions {
  OnError on_error = OnError::kFallBack;
  // Of calls that set none of their own.
  std::chrono::milliseconds decide_timeout = kDecideTimeout;
  std::chrono::milliseconds follow_timeout = kFollowTimeout;
  // How long calls that set no timeout wait for the first connection, beside their own time; a
  // refused connection ends the wait. 0: no time of its own.
  std::chrono::milliseconds connect_timeout = kConnectTimeout;
  // Where it is said, at most every 10 seconds, that the service does not answer. Default: standard
  // error. May be called by any thread.
  std::function<void(const std::string& line)> log = {};
  // Called with the error behind every answer of source kFallback: to count them.
  std::function<void(const v1::Error& error)> on_fallback = {};
};

class Client {
 public:
  // As Connection's.
  Client(std::string target, Transport transport, ClientOptions options = {});
  // Asks a test's fake.
  explicit Client(std::shared_ptr<Answerer> answerer, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Each false: there is no answer, and `error` says why: a gRPC code's name with the reason and
  // every wrong field, MALFORMED (the service's answer failed the checks) or BREAKER_OPEN (it has
  // not answered lately, and was not asked). `out` is unspecified then.
  [[nodiscard]] bool Decide(const v1::DecideRequest& request, Decision& out, v1::Error& error,
                            const CallOptions& options = {}) const;
  // The values of Authorization, Proxy-Authorization, Cookie and options.secret_fields stay here:
  // the service gets the names, and `next` has the values again. Only a question that has it keep
  // cookies, by a Set-Cookie in its response or by cookies in its chain, takes Cookie's value
  // along. A value that a profile restores from the chain, set aside hops ago, stays withheld.
  [[nodiscard]] bool Follow(const v1::FollowRequest& request, Hop& out, v1::Error& error,
                            const CallOptions& options = {}) const;

  // Decide's answer that leads back to `next` after a login, where that is safe, else to
  // `otherwise`. A visitor may have chosen `next`; empty: there is none.
  [[nodiscard]] bool Back(const v1::HttpRequest& request, const std::string& next, Decision& out,
                          v1::Error& error, const std::string& otherwise = "/",
                          const CallOptions& options = {}) const;

  // Connects, and waits for it, `timeout` at most: whether it is connected then. 0: does not wait.
  // In every process after a fork.
  [[nodiscard]] bool Ready(std::chrono::milliseconds timeout = kConnectTimeout) const;

  // Later calls fail with FAILED_PRECONDITION. May be called again.
  void Close();

 private:
  template <typename Call>
  bool Ask(v1::Error& error, const CallOptions& options, const Call& call) const;
  [[nodiscard]] bool FailsWith(const v1::Error& error) const;
  template <typename Answer>
  bool FellBack(const v1::Error& error, Answer& out) const;

  const std::shared_ptr<Answerer> answerer_;
  const ClientOptions options_;
  const std::unique_ptr<Breaker> breaker_;
  const std::unique_ptr<SparingLog> outages_;
  mutable std::once_flag first_connection_;
};

}  // namespace fingerpost

// The Fingerpost client for C++.
//
//   fingerpost::Client client("dns:///fingerpost:50051", fingerpost::Transport::Tls({}));
//   fingerpost::Decision decision;
//   fingerpost::v1::Error error;
//   if (!client.Decide(request, decision, error)) ...
//
// It answers in this process, by the policy that the service hands out, and asks the service for
// what that leaves to it (client/README.md). A process needs one client, which is thread-safe and
// holds one connection per server address, made by Ready() or by the first call, and a thread that
// watches the policy. Every call has a deadline. REFUSE and a stop are answers, not errors.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "fingerpost/connection.h"
#include "fingerpost/v1/policy.pb.h"

namespace fingerpost {

class Breaker;
class PolicyWatcher;
class SparingLog;

// Who answered: the service; this process by the service's policy; this process without one.
enum class Source { kService, kEngine, kFallback };

// Where answers come from.
enum class Engine {
  kAuto,    // Here where it can be, else from the service.
  kLocal,   // Here alone: what the policy leaves to the service is as in an outage.
  kRemote,  // From the service alone; nothing watches its policy.
};

// What to do when there is no answer.
enum class OnError { kFallBack, kFail };

// The policy that answers in this process.
struct PolicyState {
  enum class State {
    kNone,   // There is none yet.
    kStale,  // The last good one, while the service is away or has sent none since the start.
    kReady,  // The service's own; each change of it comes at once.
  };
  State state = State::kNone;
  std::chrono::system_clock::time_point since;  // When that began.
  std::string version;                          // As in its answers; empty without one.
  // What is wrong with the policy's files, or why what the service sent was not taken.
  std::vector<std::string> problems;
};

struct Decision {
  // Checked. If MustSend(), its status, headers and body are the response, unchanged; otherwise its
  // headers belong on the page: Vary, see below, and Set-Cookie.
  v1::DecideResponse response;
  Source source = Source::kService;
  // Why there was no other answer, with kFallback.
  v1::Error error;

  [[nodiscard]] bool MustSend() const {
    return response.outcome() == v1::OUTCOME_REDIRECT || response.outcome() == v1::OUTCOME_RESPOND;
  }
  // The Vary of the page if there is no response: the fields that a rule looked at, merged with the
  // page's own value; empty for none. Shared caches would serve the wrong page without it (RFC 9110
  // §12.5.5).
  [[nodiscard]] std::string Vary(std::string_view page = "") const;
};

// The status of an error page, when Decide() returned false or the answer is no response: 400 for
// an unsafe target or another value that a visitor may have chosen, 404 for PASS, 503 (with
// Retry-After: 5) when the service does not answer, 500 for the program's own fault. The reason is
// for the log, not for the visitor.
[[nodiscard]] int ErrorStatus(const Decision& decision, const v1::Error& error);

struct Hop {
  // Checked: either `next`, with the values that the service never saw, or `stop`.
  v1::FollowResponse response;
  Source source = Source::kService;
  v1::Error error;
};

struct ClientOptions {
  Engine engine = Engine::kAuto;
  // The part of the policy that answers here; questions about the rest go to the service. Default:
  // all of it.
  v1::PolicySelector selector = {};
  // Where the last good policy is kept, for a start without the service. Default: nowhere.
  std::string policy_file = {};
  OnError on_error = OnError::kFallBack;
  // For calls that set no timeout.
  std::chrono::milliseconds decide_timeout = kDecideTimeout;
  std::chrono::milliseconds follow_timeout = kFollowTimeout;
  // How long calls without a timeout wait for the first connection, in addition to the default; a
  // refused connection ends the wait. 0: no extra wait.
  std::chrono::milliseconds connect_timeout = kConnectTimeout;
  // Gets a line, at most every 10 seconds, while the service does not answer, and each new problem
  // of the policy. Default: standard error. May be called by any thread. What this and on_fallback
  // throw is passed over.
  std::function<void(const std::string& line)> log = {};
  // Called with the error behind every answer of source kFallback, for counting.
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
  // the service gets the names, and `next` has the values again. It is asked only with
  // Engine::kRemote. Cookie's value travels only if the
  // service keeps the cookies: if the response has Set-Cookie or the chain has cookies. A value
  // that a profile restores from the chain, some hops later, stays withheld.
  [[nodiscard]] bool Follow(const v1::FollowRequest& request, Hop& out, v1::Error& error,
                            const CallOptions& options = {}) const;

  // Decide's answer after a login: back to `next` if that is safe, otherwise to `otherwise`. A
  // visitor may have chosen `next`; empty: there is none.
  [[nodiscard]] bool Back(const v1::HttpRequest& request, const std::string& next, Decision& out,
                          v1::Error& error, const std::string& otherwise = "/",
                          const CallOptions& options = {}) const;

  // Connects, waits at most `timeout` for the connection and for the policy, and says whether it is
  // connected; with Engine::kLocal, whether there is a policy. 0: does not wait. In every process
  // after a fork.
  [[nodiscard]] bool Ready(std::chrono::milliseconds timeout = kConnectTimeout) const;

  [[nodiscard]] PolicyState policy() const;

  // Reports what was answered here and not yet reported, for at most a second. Later calls fail
  // with FAILED_PRECONDITION where the service is asked. May be called again.
  void Close();

 private:
  struct Watched {};
  Client(std::shared_ptr<Connection> connection, ClientOptions options, Watched watched);

  // What is asked of the service comes back with its checks done.
  bool AskService(const v1::DecideRequest& request, v1::DecideResponse& out, v1::Error& error,
                  const CallOptions& options) const;
  bool AskService(const v1::FollowRequest& request, v1::FollowResponse& out, v1::Error& error,
                  const CallOptions& options) const;
  template <typename Call>
  bool Ask(v1::Error& error, const CallOptions& options, const Call& call) const;
  [[nodiscard]] bool FailsWith(const v1::Error& error) const;
  template <typename Answer>
  bool FellBack(const v1::Error& error, Answer& out) const;

  const std::shared_ptr<Answerer> answerer_;
  const ClientOptions options_;
  const std::unique_ptr<Breaker> breaker_;
  const std::unique_ptr<SparingLog> outages_;
  const std::unique_ptr<PolicyWatcher> watcher_;  // Null with Engine::kRemote.
  mutable std::once_flag first_connection_;
};

}  // namespace fingerpost

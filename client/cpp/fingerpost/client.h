// The Fingerpost client for C++.
//
//   fingerpost::Client client("dns:///fingerpost:50051", fingerpost::Transport::Tls({}));
//   fingerpost::Decision decision;
//   fingerpost::v1::Error error;
//   if (!client.Decide(request, decision, error)) ...
//
// One client for a process: it is thread-safe and holds one connection per server address, made at
// the first call. Every call has a deadline; without an answer it does what client/README.md says.
// A REFUSE and a stop are answers, not errors.
#pragma once

#include <memory>
#include <string>

#include "fingerpost/connection.h"

namespace fingerpost {

class Breaker;

enum class Source { kService, kFallback };

// What to do when the service does not answer.
enum class OnError { kFallBack, kFail };

struct Decision {
  // Checked: when MustSend(), its status, headers and body are the response, as they stand.
  v1::DecideResponse response;
  Source source = Source::kService;
  // Why the service did not answer, with kFallback.
  v1::Error error;

  [[nodiscard]] bool MustSend() const {
    return response.outcome() == v1::OUTCOME_REDIRECT || response.outcome() == v1::OUTCOME_RESPOND;
  }
};

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

  // Later calls fail with FAILED_PRECONDITION. May be called again.
  void Close();

 private:
  template <typename Call>
  bool Ask(v1::Error& error, const Call& call) const;
  [[nodiscard]] bool FailsWith(const v1::Error& error) const;

  const std::shared_ptr<Answerer> answerer_;
  const ClientOptions options_;
  const std::unique_ptr<Breaker> breaker_;
};

}  // namespace fingerpost

#include "fingerpost/client.h"

#include <utility>

#include "answers.h"
#include "breaker.h"
#include "call_error.h"
#include "open_policy.h"
#include "policy_watcher.h"
#include "secrets.h"
#include "sparing_log.h"

namespace fingerpost {
namespace {

CallOptions WithTimeout(const CallOptions& options, std::chrono::milliseconds timeout) {
  CallOptions out = options;
  if (!out.timeout) out.timeout = timeout;
  return out;
}

// What the service would answer under no policy; PASS where only a policy can tell. False: it would
// refuse, which a policy could allow, or `error` says what is wrong with the question.
bool DecideWithoutPolicy(const v1::DecideRequest& request, v1::DecideResponse& out,
                         v1::Error& error) {
  if (!request.has_intent()) {
    out.set_outcome(v1::OUTCOME_PASS);
    return true;
  }
  v1::Error wrong;
  if (!OpenPolicy::Empty()->Decide(request, out, wrong) || !CheckDecision(out, wrong)) {
    error = wrong;
    return false;
  }
  out.clear_policy_version();
  return out.outcome() != v1::OUTCOME_REFUSE;
}

}  // namespace

Client::Client(std::string target, Transport transport, ClientOptions options)
    : Client(std::make_shared<Connection>(std::move(target), std::move(transport)),
             std::move(options), Watched{}) {}

Client::Client(std::shared_ptr<Connection> connection, ClientOptions options, Watched /*watched*/)
    : answerer_(connection),
      options_(std::move(options)),
      breaker_(std::make_unique<Breaker>()),
      outages_(std::make_unique<SparingLog>(options_.log)),
      watcher_(options_.engine == Engine::kRemote
                   ? nullptr
                   : std::make_unique<PolicyWatcher>(
                         std::move(connection),
                         WatchOptions{.selector = options_.selector, .file = options_.policy_file},
                         [this](const std::string& problem) { outages_->Tell(problem); })) {}

Client::Client(std::shared_ptr<Answerer> answerer, ClientOptions options)
    : answerer_(std::move(answerer)),
      options_(std::move(options)),
      breaker_(std::make_unique<Breaker>()),
      outages_(std::make_unique<SparingLog>(options_.log)) {}

Client::~Client() = default;

bool Client::Ready(std::chrono::milliseconds timeout) const {
  const auto until = std::chrono::steady_clock::now() + timeout;
  const bool needs_policy = options_.engine == Engine::kLocal && watcher_ != nullptr;
  if (needs_policy && watcher_->policy() != nullptr) return true;  // Perhaps from the disk.
  const bool is_connected = answerer_->Ready(timeout, Until::kConnected);
  if (watcher_ == nullptr) return is_connected;
  if (is_connected) {
    watcher_->Wait(std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now()));
  }
  const bool has_policy = watcher_->policy() != nullptr;
  return needs_policy ? has_policy : is_connected;
}

PolicyState Client::policy() const {
  return watcher_ == nullptr ? PolicyState() : watcher_->state();
}

void Client::Close() {
  if (watcher_ != nullptr) watcher_->Stop();
  answerer_->Close();
}

template <typename Call>
bool Client::Ask(v1::Error& error, const CallOptions& options, const Call& call) const {
  error.Clear();
  if (!breaker_->Allows()) {
    error.set_code("BREAKER_OPEN");
    error.set_message("the service has not answered lately; it is asked again within a second");
    return false;
  }
  if (!options.timeout) {
    std::call_once(first_connection_, [this] {
      (void)answerer_->Ready(options_.connect_timeout, Until::kConnectedOrRefused);
    });
  }
  const bool answered = call();
  if (answered || IsAnAnswer(error) || error.code() == kMalformed) {
    breaker_->Answered();
  } else {
    breaker_->Failed();
  }
  return answered;
}

bool Client::FailsWith(const v1::Error& error) const {
  if (IsAnAnswer(error)) return true;
  outages_->Warn("no answer from the service: " + error.code() + ": " + error.message());
  return options_.on_error == OnError::kFail;
}

template <typename Answer>
bool Client::FellBack(const v1::Error& error, Answer& out) const {
  out.source = Source::kFallback;
  out.error = error;
  try {
    if (options_.on_fallback) options_.on_fallback(error);
  } catch (...) {  // A hook that fails does not fail the question.
  }
  return true;
}

bool Client::AskService(const v1::DecideRequest& request, v1::DecideResponse& out, v1::Error& error,
                        const CallOptions& options) const {
  const CallOptions timed = WithTimeout(options, options_.decide_timeout);
  return Ask(error, options, [&] {
    return answerer_->Decide(request, out, error, timed) && CheckDecision(out, error);
  });
}

bool Client::AskService(const v1::FollowRequest& request, v1::FollowResponse& out, v1::Error& error,
                        const CallOptions& options) const {
  const CallOptions timed = WithTimeout(options, options_.follow_timeout);
  const v1::FollowRequest sent = WithoutSecrets(request);
  return Ask(error, options, [&] {
    return answerer_->Follow(sent, out, error, timed) && PutSecretsBack(request, out, error) &&
           CheckHop(out, error);
  });
}

bool Client::Decide(const v1::DecideRequest& request, Decision& out, v1::Error& error,
                    const CallOptions& options) const {
  out = {};
  error.Clear();
  if (const auto policy = watcher_ == nullptr ? nullptr : watcher_->policy()) {
    out.source = Source::kEngine;
    if (policy->Decide(request, out.response, error) && CheckDecision(out.response, error)) {
      return true;
    }
    if (IsAnAnswer(error) && !IsLeftToTheService(error)) return false;
    error.set_code("UNAVAILABLE");  // As in an outage, with Engine::kLocal.
  } else if (options_.engine == Engine::kLocal) {
    error.set_code("UNAVAILABLE");
    error.set_message("there is no policy yet: the service has sent none");
  }
  if (options_.engine != Engine::kLocal || watcher_ == nullptr) {
    out = {};
    if (AskService(request, out.response, error, options)) return true;
  }
  out.response.Clear();
  if (FailsWith(error) || !DecideWithoutPolicy(request, out.response, error)) return false;
  return FellBack(error, out);
}

bool Client::Follow(const v1::FollowRequest& request, Hop& out, v1::Error& error,
                    const CallOptions& options) const {
  out = {};
  error.Clear();
  // It is asked what the service would be asked, so that it answers the same.
  const auto here = [&] {
    const auto policy = watcher_ == nullptr ? nullptr : watcher_->policy();
    const auto& engine = policy == nullptr ? OpenPolicy::Empty() : policy;
    return engine->Follow(WithoutSecrets(request), out.response, error) &&
           PutSecretsBack(request, out.response, error) && CheckHop(out.response, error);
  };
  if (watcher_ != nullptr) {
    out.source = Source::kEngine;
    return here();
  }
  if (AskService(request, out.response, error, options)) return true;
  out.response.Clear();
  if (FailsWith(error)) return false;
  const v1::Error outage = error;
  error.Clear();
  return here() && FellBack(outage, out);
}

}  // namespace fingerpost

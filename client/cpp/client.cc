#include "fingerpost/client.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "answers.h"
#include "breaker.h"
#include "fallback.h"
#include "secrets.h"

namespace fingerpost {
namespace {

// By these a service that is well says something about the question, or about who asks: asking
// again would not help.
bool IsAnAnswer(const v1::Error& error) {
  constexpr std::array<std::string_view, 7> kCodes = {
      "INVALID_ARGUMENT", "NOT_FOUND",           "UNIMPLEMENTED", "PERMISSION_DENIED",
      "UNAUTHENTICATED",  "FAILED_PRECONDITION", "OUT_OF_RANGE"};
  return std::ranges::find(kCodes, error.code()) != kCodes.end();
}

CallOptions WithTimeout(const CallOptions& options, std::chrono::milliseconds timeout) {
  CallOptions out = options;
  if (!out.timeout) out.timeout = timeout;
  return out;
}

}  // namespace

Client::Client(std::string target, Transport transport, ClientOptions options)
    : Client(std::make_shared<Connection>(std::move(target), std::move(transport)), options) {}

Client::Client(std::shared_ptr<Answerer> answerer, ClientOptions options)
    : answerer_(std::move(answerer)), options_(options), breaker_(std::make_unique<Breaker>()) {}

Client::~Client() = default;

void Client::Close() { answerer_->Close(); }

template <typename Call>
bool Client::Ask(v1::Error& error, const Call& call) const {
  error.Clear();
  if (!breaker_->Allows()) {
    error.set_code("BREAKER_OPEN");
    error.set_message("the service has not answered lately; it is asked again within a second");
    return false;
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
  return IsAnAnswer(error) || options_.on_error == OnError::kFail;
}

bool Client::Decide(const v1::DecideRequest& request, Decision& out, v1::Error& error,
                    const CallOptions& options) const {
  out = {};
  const CallOptions timed = WithTimeout(options, options_.decide_timeout);
  if (Ask(error, [&] {
        return answerer_->Decide(request, out.response, error, timed) &&
               CheckDecision(out.response, error);
      })) {
    return true;
  }
  out.response.Clear();
  if (FailsWith(error) || !FallBack(request, out.response)) return false;
  out.source = Source::kFallback;
  out.error = error;
  return true;
}

bool Client::Follow(const v1::FollowRequest& request, Hop& out, v1::Error& error,
                    const CallOptions& options) const {
  out = {};
  const CallOptions timed = WithTimeout(options, options_.follow_timeout);
  const v1::FollowRequest sent = WithoutSecrets(request);
  if (Ask(error, [&] {
        return answerer_->Follow(sent, out.response, error, timed) &&
               PutSecretsBack(request, out.response, error) && CheckHop(out.response, error);
      })) {
    return true;
  }
  out.response.Clear();
  if (FailsWith(error)) return false;
  FallBack(request, error, out.response);
  out.source = Source::kFallback;
  out.error = error;
  return true;
}

}  // namespace fingerpost

#include "fingerpost/client.h"

#include <utility>

#include "answers.h"
#include "breaker.h"
#include "call_error.h"
#include "fallback.h"
#include "secrets.h"
#include "sparing_log.h"

namespace fingerpost {
namespace {

CallOptions WithTimeout(const CallOptions& options, std::chrono::milliseconds timeout) {
  CallOptions out = options;
  if (!out.timeout) out.timeout = timeout;
  return out;
}

}  // namespace

Client::Client(std::string target, Transport transport, ClientOptions options)
    : Client(std::make_shared<Connection>(std::move(target), std::move(transport)),
             std::move(options)) {}

Client::Client(std::shared_ptr<Answerer> answerer, ClientOptions options)
    : answerer_(std::move(answerer)),
      options_(std::move(options)),
      breaker_(std::make_unique<Breaker>()),
      outages_(std::make_unique<SparingLog>(options_.log)) {}

Client::~Client() = default;

bool Client::Ready(std::chrono::milliseconds timeout) const {
  return answerer_->Ready(timeout, Until::kConnected);
}

void Client::Close() { answerer_->Close(); }

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
  if (options_.on_fallback) options_.on_fallback(error);
  return true;
}

bool Client::Decide(const v1::DecideRequest& request, Decision& out, v1::Error& error,
                    const CallOptions& options) const {
  out = {};
  const CallOptions timed = WithTimeout(options, options_.decide_timeout);
  if (Ask(error, options, [&] {
        return answerer_->Decide(request, out.response, error, timed) &&
               CheckDecision(out.response, error);
      })) {
    return true;
  }
  out.response.Clear();
  if (FailsWith(error) || !FallBack(request, out.response)) return false;
  return FellBack(error, out);
}

bool Client::Follow(const v1::FollowRequest& request, Hop& out, v1::Error& error,
                    const CallOptions& options) const {
  out = {};
  const CallOptions timed = WithTimeout(options, options_.follow_timeout);
  const v1::FollowRequest sent = WithoutSecrets(request);
  if (Ask(error, options, [&] {
        return answerer_->Follow(sent, out.response, error, timed) &&
               PutSecretsBack(request, out.response, error) && CheckHop(out.response, error);
      })) {
    return true;
  }
  out.response.Clear();
  if (FailsWith(error)) return false;
  FallBack(request, error, out.response);
  return FellBack(error, out);
}

}  // namespace fingerpost

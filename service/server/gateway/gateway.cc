#include "server/gateway/gateway.h"

#include <utility>

#include "server/gateway/answer.h"
#include "server/gateway/question.h"
#include "server/http/error.h"

namespace fingerpost {
namespace {

// What follows /v1/gateway in the request target.
std::string_view RestOf(const HttpCall& call) {
  const size_t at =
      call.target.find(Gateway::kPath, static_cast<size_t>(call.path.data() - call.target.data()));
  return call.target.substr(at + Gateway::kPath.size());
}

}  // namespace

std::optional<GatewayParameters> Gateway::ParametersOf(const HttpCall& call) const {
  if (call.path != kPath) return GatewayParameters{.pass = pass_};
  return ReadParameters(call.query, pass_);
}

HttpAnswer Gateway::LetPass(int status, Passage passage, const v1::DecideResponse& answer) {
  door_.Count(passage);
  return GoOn(status, passage, answer);
}

HttpAnswer Gateway::Unreadable(int status, std::string_view why) {
  door_.Unreadable(why);
  return LetPass(status, Passage::kUnreadable);
}

HttpAnswer Gateway::Judge(const HttpCall& call, const GatewayParameters& parameters) {
  auto question = ReadForwarded(
      call, {.scheme = scheme_, .target = call.path == kPath ? std::string_view() : RestOf(call)});
  if (!question) return Unreadable(parameters.pass, question.error());
  const auto answer = door_.Ask(call, *question);
  if (!answer) {
    if (answer.error().reason() != v1::ERROR_REASON_CALLER_NOT_ALLOWED) {
      return LetPass(parameters.pass, Passage::kUnavailable);
    }
    door_.Count(Passage::kRejected);
    return HttpError(answer.error());
  }
  if (answer->outcome() == v1::OUTCOME_UNSPECIFIED) {
    return LetPass(parameters.pass, Passage::kUnreadable);
  }
  const Passage passage = PassageOf(answer->outcome());
  if (passage != Passage::kRedirect && passage != Passage::kRespond) {
    return LetPass(parameters.pass, passage, *answer);
  }
  door_.Count(passage);
  HttpAnswer out = AsItStands(*answer, question->request().method(), call.method == "HEAD");
  if (parameters.wrap) Wrap(*parameters.wrap, out);
  return out;
}

HttpAnswer Gateway::Answer(const HttpCall& call) {
  const auto parameters = ParametersOf(call);
  if (!parameters) {
    return Unreadable(pass_, "the query of /v1/gateway: expected pass and wrap, 200 to 599");
  }
  try {
    return Judge(call, *parameters);
  } catch (const std::exception&) {  // No memory.
    return LetPass(parameters->pass, Passage::kUnavailable);
  }
}

HttpAnswer Gateway::Refused(const HttpCall& call, HttpAnswer refusal) {
  if (refusal.status == 431) {
    const auto parameters = ParametersOf(call);
    return Unreadable(parameters ? parameters->pass : pass_, "the head: expected at most 16 KiB");
  }
  door_.Count(Passage::kRejected);
  // A gateway would take 501 (RFC 9112 §6.1) for a fault of this service.
  if (refusal.status >= 500) refusal.status = 400;
  return refusal;
}

}  // namespace fingerpost

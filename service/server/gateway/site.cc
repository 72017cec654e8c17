#include "server/gateway/site.h"

#include <new>

#include "core/http/fields.h"
#include "rpc/error_status.h"
#include "rpc/forwarded_request.h"
#include "server/gateway/answer.h"
#include "server/gateway/question.h"
#include "server/http/error.h"

namespace fingerpost {
namespace {

// RFC 9110 §9.3.6 and §9.3.8: a tunnel has no end here, and TRACE would show a page its cookies.
bool IsRefused(std::string_view method) { return method == "CONNECT" || method == "TRACE"; }

// Path and query, also of absolute-form (RFC 9112 §3.2.2).
std::string TargetOf(const HttpCall& call) {
  if (call.authority.empty()) return std::string(call.target);
  const size_t end = call.target.find("://") + 3 + call.authority.size();
  const std::string_view rest = call.target.substr(end);
  return (rest.starts_with('/') ? "" : "/") + std::string(rest);
}

std::string_view SchemeIn(std::string_view target) { return target.substr(0, target.find(':')); }

}  // namespace

HttpAnswer Site::Rejected(int status, std::string_view why) {
  door_.Count(Passage::kRejected);
  return HttpError(status, why);
}

HttpAnswer Site::Unavailable(const v1::Error& error) {
  door_.Count(Passage::kUnavailable);
  return HttpError(error);
}

HttpAnswer Site::Refused(HttpAnswer refusal) {
  door_.Count(Passage::kRejected);
  // RFC 9112 §6.1 would have 501, which monitors take for a fault of the site.
  if (refusal.status >= 500) refusal.status = 400;
  return refusal;
}

// By the intent not_found: its page, its freshness and the policy's HSTS.
HttpAnswer Site::NotFound(const HttpCall& call, v1::DecideRequest& question,
                          const v1::DecideResponse& passed) {
  question.mutable_intent()->set_purpose(v1::PURPOSE_NOT_FOUND);
  v1::DecideResponse page;
  // A WebSocket's handshake and a preflight get no page.
  if (!pages_.Decide(question, page) || !IsAnswer(page.outcome())) {
    return HttpError(404, "There is nothing here.");
  }
  // Another value of what the rules read may be redirected (RFC 9110 §12.5.5).
  for (const v1::Header& header : passed.headers()) {
    if (http::EqualsIgnoreCase(header.name(), "Vary")) *page.add_headers() = header;
  }
  return AsItStands(page, call.method, call.method == "HEAD");
}

HttpAnswer Site::Judge(const HttpCall& call) {
  const std::string target = TargetOf(call);
  auto question = ReadDirect(call, {.scheme = scheme_, .target = target});
  if (!question) {
    door_.Unreadable(question.error());
    door_.Count(Passage::kUnreadable);
    return HttpError(400, "Expected one host, and a path: " + question.error() + ".");
  }
  const auto answer = door_.Ask(call, *question);
  if (!answer) return Unavailable(answer.error());
  if (answer->outcome() == v1::OUTCOME_UNSPECIFIED) {
    door_.Count(Passage::kUnreadable);
    return HttpError(400, "The request cannot be read.");
  }
  door_.Count(PassageOf(answer->outcome()));
  if (!IsAnswer(answer->outcome())) return NotFound(call, *question, *answer);
  return AsItStands(*answer, call.method, call.method == "HEAD");
}

HttpAnswer Site::Answer(const HttpCall& call) {
  try {
    if (IsRefused(call.method)) {
      HttpAnswer answer = Rejected(405, "CONNECT and TRACE are not served here.");
      answer.fields.emplace_back("Allow", kMethods);
      answer.ends_connection = true;  // What follows CONNECT may be a tunnel's.
      return answer;
    }
    // RFC 9110 §7.4: an https URL needs a connection with a certificate.
    if (!call.authority.empty() && !http::EqualsIgnoreCase(SchemeIn(call.target), scheme_)) {
      return Rejected(421, "The target has another scheme than this port.");
    }
    if (auto answer = challenges_.Answer(call)) {
      door_.Count(Passage::kRespond);
      return *std::move(answer);
    }
    return Judge(call);
  } catch (const std::bad_alloc&) {
    return Unavailable(MakeError(v1::ERROR_REASON_OVERLOADED, "The server is short of memory."));
  }
}

}  // namespace fingerpost

#include "core/decide/not_ours.h"

#include <algorithm>
#include <array>

#include "core/http/fields.h"

namespace fingerpost::decide {
namespace {

struct Guard {
  std::string_view rule;
  bool (*applies)(const Question& question);
  std::string_view otherwise;  // Why it does not apply; for the trace.
  Ruling ruling;
};

bool IsPreflight(const Question& question) {
  return question.request.method == "OPTIONS" &&
         http::FindField(question.request.headers(), "Origin") != nullptr &&
         http::FindField(question.request.headers(), "Access-Control-Request-Method") != nullptr;
}

bool IsWebSocket(const Question& question) {
  return http::ListFieldHas(question.request.headers(), "Upgrade", "websocket");
}

bool IsGrpc(const Question& question) {
  const auto type = http::FieldValue(question.request.headers(), "Content-Type");
  return type && http::StartsWithIgnoreCase(http::TrimWhitespace(*type), "application/grpc");
}

bool IsConnectOrTrace(const Question& question) {
  return question.request.method == "CONNECT" || question.request.method == "TRACE";
}

constexpr std::array<Guard, 4> kGuards = {{
    {"guard.cors_preflight",
     IsPreflight,
     "not an OPTIONS with Origin and Access-Control-Request-Method",
     {v1::REASON_CODE_CORS_PREFLIGHT,
      "A CORS preflight needs a 2xx; a redirect makes it fail",
      {"Fetch §4.8 CORS-preflight fetch"}}},
    {"guard.method_not_redirectable",
     IsConnectOrTrace,
     "the method is neither CONNECT nor TRACE",
     {v1::REASON_CODE_METHOD_NOT_REDIRECTABLE,
      "CONNECT and TRACE are not redirected",
      {"RFC 9110 §9.3.6", "RFC 9110 §9.3.8"}}},
    {"guard.websocket_handshake",
     IsWebSocket,
     "no Upgrade: websocket",
     {v1::REASON_CODE_WEBSOCKET_HANDSHAKE,
      "A WebSocket handshake does not follow redirects",
      {"RFC 6455 §4.1", "WebSockets §2 establish a WebSocket connection"}}},
    {"guard.grpc_call",
     IsGrpc,
     "Content-Type is not application/grpc",
     {v1::REASON_CODE_GRPC_CALL,
      "A gRPC client takes every HTTP status but 200 for an error",
      {"gRPC over HTTP/2"}}},
}};

constexpr Ruling kWebhook{v1::REASON_CODE_WEBHOOK_SENDER,
                          "Most webhook senders take every 3xx for a failed delivery; hand the "
                          "request to the target yourself",
                          {"RFC 9110 §15.4"}};

}  // namespace

bool IsNotOurs(const Question& question) {
  return std::any_of(kGuards.begin(), kGuards.end(),
                     [&question](const Guard& guard) { return guard.applies(question); });
}

bool IsNotOurs(const Question& question, AnswerWriter& answer) {
  for (const Guard& guard : kGuards) {
    const bool applies = guard.applies(question);
    answer.Trace(guard.rule, applies, applies ? guard.ruling.sentence : guard.otherwise,
                 guard.ruling.citations);
    if (!applies) continue;
    answer.Outcome(v1::OUTCOME_PASS, guard.ruling);
    return true;
  }
  return false;
}

bool IsForWebhookSender(const Question& question, const Choice& choice, AnswerWriter& answer) {
  if (question.intent.client() != v1::CLIENT_KIND_WEBHOOK_SENDER) return false;
  if (choice.status < 300 || choice.status > 399 || !question.target) return false;
  if (question.intent.redirect_capable()) {
    answer.Warn(v1::WARNING_CODE_FORWARDING_IS_BETTER);
    answer.Trace("guard.webhook_sender", false, "the sender is known to follow redirects");
    return false;
  }
  answer.Trace("guard.webhook_sender", true, kWebhook.sentence, kWebhook.citations);
  answer.Outcome(v1::OUTCOME_FORWARD, kWebhook);
  return true;
}

}  // namespace fingerpost::decide

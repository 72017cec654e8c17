#include "core/decide/warnings.h"

#include <algorithm>
#include <string_view>

#include "core/http/fields.h"
#include "core/http/hosts.h"

namespace fingerpost::decide {
namespace {

bool HasContent(const v1::HttpRequest& request) {
  if (request.body() == v1::BODY_REPLAYABLE || request.body() == v1::BODY_ONE_SHOT) return true;
  const auto length = http::FieldValue(request.headers(), "Content-Length");
  return (length && *length != "0") ||
         http::FindField(request.headers(), "Transfer-Encoding") != nullptr;
}

void WarnOfOrigins(const Question& question, int32_t status, AnswerWriter& answer) {
  const http::Url& from = *question.url;
  const http::Url& to = question.target->url;
  if ((status == 307 || status == 308) && !http::SameOrigin(from, to)) {
    answer.Warn(v1::WARNING_CODE_CREDENTIALS_STAY_BEHIND);
  }
  // A request to a native app's loopback address never leaves the device (RFC 8252 §8.3).
  const bool native =
      question.intent.purpose() == v1::PURPOSE_AUTHORIZATION_RESPONSE && http::IsLoopback(to);
  if (http::IsHttps(from) && to.type == ada::scheme::type::HTTP && !native) {
    answer.Warn(v1::WARNING_CODE_DOWNGRADE);
  }
}

// The text up to the first of `ends`, without white space around it.
std::string_view Before(std::string_view text, std::string_view ends) {
  return http::TrimWhitespace(text.substr(0, text.find_first_of(ends)));
}

// The scheme at the proxy nearest to the client: the first member's proto (RFC 7239 §4).
std::string_view ForwardedProto(std::string_view forwarded) {
  constexpr std::string_view kName = "proto=";
  std::string_view member = Before(forwarded, ",");
  while (!member.empty()) {
    const std::string_view parameter = Before(member, ";");
    member.remove_prefix(std::min(member.find(';'), member.size() - 1) + 1);
    if (!http::StartsWithIgnoreCase(parameter, kName)) continue;
    std::string_view proto = parameter.substr(kName.size());
    if (proto.size() > 1 && proto.front() == '"' && proto.back() == '"') {
      proto = proto.substr(1, proto.size() - 2);
    }
    return proto;
  }
  return {};
}

bool IsOtherScheme(std::string_view proto, const http::Url& url) {
  return http::IsHttps(url) ? http::EqualsIgnoreCase(proto, "http")
                            : http::EqualsIgnoreCase(proto, "https");
}

}  // namespace

void WarnOfRedirect(const Question& question, int32_t status, AnswerWriter& answer) {
  const v1::Purpose purpose = question.intent.purpose();
  const bool safe = http::IsSafeMethod(question.request.method);
  if (purpose == v1::PURPOSE_FORM_RESULT && safe) {
    answer.Warn(v1::WARNING_CODE_FORM_RESULT_ON_SAFE_METHOD);
  }
  if (purpose == v1::PURPOSE_HTTPS_UPGRADE && !safe) {
    answer.Warn(v1::WARNING_CODE_PLAINTEXT_ALREADY_SENT);
  }
  if (purpose == v1::PURPOSE_LOGIN_REQUIRED && HasContent(question.request.message)) {
    answer.Warn(v1::WARNING_CODE_CONTENT_IS_LOST);
  }
  if (!question.target || question.target->host_unknown) return;
  if (question.url) WarnOfOrigins(question, status, answer);
  const http::Url& to = question.target->url;
  const bool elsewhere = !question.url || question.url->get_hostname() != to.get_hostname();
  if (elsewhere && http::IsHttp(to) && http::IsNotPublic(to) &&
      purpose != v1::PURPOSE_AUTHORIZATION_RESPONSE) {
    answer.Warn(v1::WARNING_CODE_TARGET_NOT_PUBLIC);
  }
}

void WarnOfHostField(const Question& question, AnswerWriter& answer) {
  if (!question.url) return;
  const auto host = http::FieldValue(question.request.headers(), "Host");
  if (!host || host->empty() || http::EqualsIgnoreCase(*host, question.url->get_host())) return;
  std::string text(question.url->get_protocol());
  text += "//";
  text += *host;
  const auto url = http::ParseUrl(text);
  if (!url || url->get_host() != question.url->get_host()) {
    answer.Warn(v1::WARNING_CODE_HOST_FIELD_DIFFERS);
  }
}

bool ForwardedProtoDiffers(const http::Headers& headers, const http::Url& url) {
  const auto common = http::FieldValue(headers, "X-Forwarded-Proto");
  if (common && IsOtherScheme(Before(*common, ","), url)) return true;
  const auto standard = http::FieldValue(headers, "Forwarded");
  return standard && IsOtherScheme(ForwardedProto(*standard), url);
}

void WarnOfForwardedProto(const Question& question, AnswerWriter& answer) {
  if (question.url && ForwardedProtoDiffers(question.request.headers(), *question.url)) {
    answer.Warn(v1::WARNING_CODE_FORWARDED_PROTO_DIFFERS);
  }
}

}  // namespace fingerpost::decide

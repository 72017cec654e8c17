#include "core/cautions.h"

#include "core/fields.h"
#include "core/hosts.h"

namespace fingerpost {
namespace {

bool HasContent(const v1::HttpRequest& request) {
  if (request.body() == v1::BODY_REPLAYABLE || request.body() == v1::BODY_ONE_SHOT) return true;
  const auto length = FieldValue(request.headers(), "Content-Length");
  return (length && *length != "0") || FindField(request.headers(), "Transfer-Encoding") != nullptr;
}

void WarnOfOrigins(const Question& question, int32_t status, AnswerWriter& answer) {
  const Url& from = *question.url;
  const Url& to = question.target->url;
  if ((status == 307 || status == 308) && !SameOrigin(from, to)) {
    answer.Warn(v1::WARNING_CODE_CREDENTIALS_STAY_BEHIND);
  }
  // What a native app listens on never leaves the device (RFC 8252 §8.3).
  const bool native =
      question.intent.purpose() == v1::PURPOSE_AUTHORIZATION_RESPONSE && IsLoopback(to);
  if (IsHttps(from) && to.type == ada::scheme::type::HTTP && !native) {
    answer.Warn(v1::WARNING_CODE_DOWNGRADE);
  }
}

}  // namespace

void WarnOfRedirect(const Question& question, int32_t status, AnswerWriter& answer) {
  const v1::Purpose purpose = question.intent.purpose();
  const bool safe = IsSafeMethod(question.method);
  if (purpose == v1::PURPOSE_FORM_RESULT && safe) {
    answer.Warn(v1::WARNING_CODE_FORM_RESULT_ON_SAFE_METHOD);
  }
  if (purpose == v1::PURPOSE_HTTPS_UPGRADE && !safe) {
    answer.Warn(v1::WARNING_CODE_PLAINTEXT_ALREADY_SENT);
  }
  if (purpose == v1::PURPOSE_LOGIN_REQUIRED && HasContent(question.request)) {
    answer.Warn(v1::WARNING_CODE_CONTENT_IS_LOST);
  }
  if (!question.target || question.target->host_unknown) return;
  if (question.url) WarnOfOrigins(question, status, answer);
  const Url& to = question.target->url;
  const bool elsewhere = !question.url || question.url->get_hostname() != to.get_hostname();
  if (elsewhere && IsHttp(to) && IsNotPublic(to) && purpose != v1::PURPOSE_AUTHORIZATION_RESPONSE) {
    answer.Warn(v1::WARNING_CODE_TARGET_NOT_PUBLIC);
  }
}

void WarnOfHostField(const Question& question, AnswerWriter& answer) {
  if (!question.url) return;
  const auto host = FieldValue(question.request.headers(), "Host");
  if (!host || host->empty() || EqualsIgnoreCase(*host, question.url->get_host())) return;
  std::string text(question.url->get_protocol());
  text += "//";
  text += *host;
  const auto url = ParseUrl(text);
  if (!url || url->get_host() != question.url->get_host()) {
    answer.Warn(v1::WARNING_CODE_HOST_FIELD_DIFFERS);
  }
}

}  // namespace fingerpost

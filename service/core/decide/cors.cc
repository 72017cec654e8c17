#include "core/decide/cors.h"

#include <algorithm>

#include "core/http/fields.h"

namespace fingerpost::decide {
namespace {

constexpr int kMaxOrigins = 64;
constexpr std::string_view kAny = "*";

const v1::Cors& CorsOf(const Question& question) {
  return question.intent.has_cors() ? question.intent.cors() : question.wish.defaults.cors();
}

bool AllowsAll(const v1::Cors& cors) {
  return cors.allowed_origins_size() == 1 && cors.allowed_origins(0) == kAny;
}

// Whether browsers write it so (RFC 6454 §6.2). The URL parser takes a "*" for a part of a name.
bool IsOrigin(const std::string& text) {
  if (text.find('*') != std::string::npos) return false;
  const auto url = http::ParseUrl(text);
  return url && http::IsHttp(*url) && http::OriginOf(*url) == text;
}

// The origin of a request becomes opaque where it comes from a third origin (Fetch, "redirect
// taint").
bool BecomesNull(const Question& question, std::string_view origin) {
  if (question.url == nullptr || !question.target || question.target->host_unknown) return false;
  return !http::SameOrigin(question.target->url, *question.url) &&
         http::OriginOf(*question.url) != origin;
}

}  // namespace

void CheckCors(const v1::Cors& cors, const message::Place& at, message::Faults& faults) {
  const message::Place origins = at["allowed_origins"];
  if (cors.allowed_origins().empty()) {
    faults.Error(origins, "required: the origins that may read the answer, or \"*\"");
  } else if (cors.allowed_origins_size() > kMaxOrigins) {
    faults.Error(origins, "at most 64, got " + std::to_string(cors.allowed_origins_size()));
    return;
  }
  if (AllowsAll(cors)) {
    if (cors.allow_credentials()) {
      faults.Error(at["allow_credentials"],
                   "not with \"*\": clients refuse it (Fetch §3.3.3); list the origins");
    }
    return;
  }
  for (int i = 0; i < cors.allowed_origins_size(); ++i) {
    const std::string& origin = cors.allowed_origins(i);
    if (origin == kAny) {
      faults.Error(origins[i], "\"*\" stands alone");
    } else if (origin == "null") {
      faults.Error(origins[i],
                   "every sandboxed document has the origin \"null\"; use \"*\" instead");
    } else if (!IsOrigin(origin)) {
      faults.Error(origins[i],
                   "expected an origin as browsers write it: \"https://app.example.com\", in lower "
                   "case, without a path or the default port (RFC 6454 §6.2)");
    }
  }
}

bool VariesByOrigin(const Question& question) {
  const v1::Cors& cors = CorsOf(question);
  return !cors.allowed_origins().empty() && !AllowsAll(cors);
}

std::string_view OriginOfRequest(const Question& question) {
  const v1::Header* found = nullptr;
  for (const v1::Header& header : question.request.headers()) {
    if (!http::EqualsIgnoreCase(header.name(), "Origin")) continue;
    if (found != nullptr) return {};
    found = &header;
  }
  return found == nullptr ? std::string_view() : http::ValueOf(*found);
}

void WriteCors(const Question& question, int32_t status, std::string_view read,
               AnswerWriter& answer) {
  const v1::Cors& cors = CorsOf(question);
  if (cors.allowed_origins().empty()) return;
  const std::string_view origin = OriginOfRequest(question);
  const auto& allowed = cors.allowed_origins();
  const bool all = AllowsAll(cors);
  const bool is_allowed = all || (!origin.empty() && std::find(allowed.begin(), allowed.end(),
                                                               origin) != allowed.end());
  answer.Trace(
      "cors.allowed_origins", is_allowed,
      is_allowed ? "the script may read the answer" : "the request's Origin is not allowed",
      {"Fetch §4.9 CORS check"});
  if (!is_allowed) return;
  answer.Field(kAllowOrigin, all ? kAny : origin);
  if (cors.allow_credentials()) answer.Field(kAllowCredentials, "true");
  if (!read.empty()) answer.Field(kExposeHeaders, read);
  if (status >= 300 && status <= 399 && !origin.empty() && BecomesNull(question, origin)) {
    answer.Warn(v1::WARNING_CODE_ORIGIN_BECOMES_NULL);
  }
}

}  // namespace fingerpost::decide

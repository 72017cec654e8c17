// Properties of every answer, over random questions (design, "Guarantees"). The checks come from
// the guarantees, not from decide/invariants, which is the service's own check.
#include <gmock/gmock.h>

#include <map>
#include <string>

#include "core/decide/asking.h"
#include "core/decide/kinds.h"
#include "core/decide/random.h"
#include "core/follow/follow.h"
#include "core/http/fields.h"
#include "core/http/hosts.h"
#include "core/http/url.h"
#include "done.h"

namespace fingerpost::decide {
namespace {

constexpr int kQuestions = 100000;

int Count(const v1::DecideResponse& answer, std::string_view name) {
  int count = 0;
  for (const auto& header : answer.headers()) count += http::EqualsIgnoreCase(header.name(), name);
  return count;
}

std::string Get(const v1::DecideResponse& answer, std::string_view name) {
  return std::string(http::FieldValue(answer.headers(), name).value_or("<none>"));
}

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Each returns the fault, or nothing.
using Property = std::string (*)(const Asking&);

std::string FieldsAreClean(const Asking& asking) {
  for (const auto& header : asking.answer.headers()) {
    if (!http::IsToken(header.name())) return "a name that is no token";
    for (const char c : header.value()) {
      if (c == '\r' || c == '\n' || c == '\0') return header.name() + " has CR, LF or NUL";
    }
    const bool lower = asking.request.request().protocol() >= v1::PROTOCOL_HTTP_2;
    if (lower && http::ToLowerAscii(header.name()) != header.name()) return "upper case in HTTP/2";
    const bool cookie = http::EqualsIgnoreCase(header.name(), "Set-Cookie");
    if (!cookie && Count(asking.answer, header.name()) != 1) return header.name() + " twice";
  }
  if (Has(asking.answer.clear_cookie(), "\r") || Has(asking.answer.clear_cookie(), "\n")) {
    return "clear_cookie has CR or LF";
  }
  return {};
}

std::string LocationFitsStatus(const Asking& asking) {
  const v1::DecideResponse& answer = asking.answer;
  const int locations = Count(answer, "Location");
  if (answer.status() == 304 || answer.status() == 305 || answer.status() == 306) {
    return "a status that is never answered";
  }
  if (answer.outcome() == v1::OUTCOME_REDIRECT) {
    if (answer.status() < 300 || answer.status() > 399) return "REDIRECT that is no 3xx";
    if (locations != 1 && answer.status() != 300) return "a redirect without its one Location";
  } else if (locations != 0 && answer.status() != 201 && answer.status() != 202) {
    return "a Location where none belongs";
  }
  const int loads = Count(answer, "HX-Redirect") + Count(answer, "X-Inertia-Location");
  if (loads != (answer.reason().code() == v1::REASON_CODE_SCRIPT_LOADS_PAGE ? 1 : 0)) {
    return "a page to load where none belongs";
  }
  const bool written =
      answer.outcome() == v1::OUTCOME_REDIRECT || answer.outcome() == v1::OUTCOME_RESPOND;
  if (written != (answer.status() != 0)) return "status does not fit outcome";
  return written || answer.headers().empty() ? "" : "fields without a status";
}

std::string StatusFitsMethodAndPurpose(const Asking& asking) {
  const v1::DecideResponse& answer = asking.answer;
  const std::string& method = asking.request.request().method();
  const bool page = method == "GET" || method == "HEAD";
  const bool old = asking.request.request().protocol() == v1::PROTOCOL_HTTP_1_0;
  const v1::Purpose purpose = asking.request.intent().purpose();
  if (!page && answer.status() == 301) return "301 on " + method;
  if (!page && !old && answer.status() == 302) return "302 on " + method;
  if (purpose == v1::PURPOSE_AUTHORIZATION_RESPONSE &&
      (answer.status() == 307 || answer.status() == 308)) {
    return "an authorization response that repeats the content";
  }
  return {};
}

std::string FlashIsNotStored(const Asking& asking) {
  const v1::DecideResponse& answer = asking.answer;
  const std::string caching = Get(answer, "Cache-Control");
  if (Count(answer, "Set-Cookie") > 0 && caching != "no-store" && !caching.starts_with("private")) {
    return "a cookie for a shared cache";
  }
  if (answer.clear_cookie().empty()) {
    const v1::Intent& intent = asking.request.intent();
    const bool may_be_another = intent.sticky_key().has_assign() || !intent.cookies().empty();
    return Count(answer, "Set-Cookie") == 0 || may_be_another ? ""
                                                              : "a cookie without clear_cookie";
  }
  if (Count(answer, "Set-Cookie") == 0) return "clear_cookie without a cookie";
  if (answer.status() == 301 || answer.status() == 308)
    return "a flash message on a permanent redirect";
  return caching == "no-store" ? "" : "a flash message that may be stored";
}

std::string FreshnessIsExplicit(const Asking& asking) {
  const v1::DecideResponse& answer = asking.answer;
  if (answer.status() == 0) return {};
  const std::string control = Get(answer, "Cache-Control");
  const std::string& method = asking.request.request().method();
  if (control.empty() || control == "<none>") return "no Cache-Control";
  if (method != "GET" && method != "HEAD" && control != "no-store") return "stored on " + method;
  if ((answer.status() == 301 || answer.status() == 308 || answer.status() == 410) &&
      control != "no-store" && !Has(control, "max-age=")) {
    return "no freshness: " + control;
  }
  if (Has(control, "public") && !asking.request.intent().cache().visibility()) {
    return "public without a wish";
  }
  if (Has(control, "no-store") && control != "no-store") return "no-store with company: " + control;
  return {};
}

std::string ContentFits(const Asking& asking) {
  const v1::DecideResponse& answer = asking.answer;
  const std::string length = Get(answer, "Content-Length");
  if (length == "<none>") return answer.body().empty() ? "" : "content without a length";
  if (asking.request.request().method() == "HEAD")
    return answer.body().empty() ? "" : "content on HEAD";
  if (length != std::to_string(answer.body().size())) return "a wrong length: " + length;
  if (Get(answer, "Content-Type") == "text/html; charset=utf-8" && Has(answer.body(), "<script")) {
    return "content that is not escaped";
  }
  return {};
}

std::string NothingSecretInWords(const Asking& asking) {
  std::string words = asking.answer.reason().message();
  for (const auto& warning : asking.answer.warnings()) words += warning.message();
  return Has(words, "secret") || Has(words, "id=1") || Has(words, "y=1") ? "it says: " + words : "";
}

std::string ReasonIsGiven(const Asking& asking) {
  return asking.answer.reason().code() == v1::REASON_CODE_UNSPECIFIED ||
                 asking.answer.reason().message().empty()
             ? "no reason"
             : "";
}

std::string KindExists(const Asking& asking) {
  const v1::DecideResponse& answer = asking.answer;
  const v1::Purpose purpose = asking.request.intent().purpose();
  return IsKind(answer.outcome(), purpose, answer.status(), answer.reason().code())
             ? ""
             : "a kind of answer that does not exist";
}

// Unless the caller vouches for the target, it stays on the request's host or on an allowed one.
std::string TargetStays(const Asking& asking) {
  const v1::Intent& intent = asking.request.intent();
  std::string location = Get(asking.answer, "Location");
  for (const char* name : {"HX-Redirect", "X-Inertia-Location"}) {
    if (Count(asking.answer, name) != 0) location = Get(asking.answer, name);
  }
  if (location == "<none>" || location.starts_with('/') || intent.trust() == v1::TRUST_CALLER ||
      !intent.redirect_uris().empty() || intent.unsafe_target() == v1::UNSAFE_TARGET_REPORT_ONLY) {
    return {};
  }
  const auto url = http::ParseUrl(location);
  if (!url) return "Location is no URL: " + location;
  const auto from = http::ParseUrl(asking.request.request().url());
  const std::string host(url->get_host());
  const bool own = from && from->get_host() == host;
  // The test's policies and intents allow these; a policy's own fallback is on the first.
  const bool allowed = host == "other.example.net" || host == "cdn.example.org";
  return own || allowed ? "" : "it leaves: " + location;
}

constexpr Property kProperties[] = {
    FieldsAreClean,      LocationFitsStatus, StatusFitsMethodAndPurpose, FlashIsNotStored,
    FreshnessIsExplicit, ContentFits,        NothingSecretInWords,       ReasonIsGiven,
    KindExists,          TargetStays};

// HEAD gets GET's answer without the content.
std::string HeadIsGet(const Asking& asking) {
  if (asking.request.request().method() != "HEAD") return {};
  Asking get = asking;
  get.request.mutable_request()->set_method("GET");
  get.request.set_explain(false);
  Asking head = asking;
  head.request.set_explain(false);
  if (!get.Ask() || !head.Ask()) return "GET and HEAD differ in being answered";
  if (get.answer.body().empty() && !head.answer.body().empty()) return "content on HEAD";
  get.answer.clear_body();
  return get.answer.SerializeAsString() == head.answer.SerializeAsString()
             ? ""
             : "HEAD:\n" + head.answer.DebugString() + "GET:\n" + get.answer.DebugString();
}

// The same question, answered again into a reused response, has the same answer.
std::string IsRepeatable(const Asking& asking, Asking& other) {
  v1::DecideResponse& used = other.answer;
  v1::Error error = other.error;
  Asking again = asking;
  const bool answered =
      AskCore(again.request, again.defaults, used, error, again.rule, again.looked_at);
  if (!answered) return "answered once and not again";
  return used.SerializeAsString() == asking.answer.SerializeAsString() ? "" : used.DebugString();
}

// STRICT on the answer reaches the target, with the status's method.
std::string FollowReachesTarget(const Asking& asking) {
  const v1::DecideResponse& answer = asking.answer;
  if (answer.outcome() != v1::OUTCOME_REDIRECT || Count(answer, "Location") == 0 ||
      asking.request.request().url().empty() || !answer.target().starts_with("http")) {
    return {};
  }
  const std::string& method = asking.request.request().method();
  // HTTP/1.0 has nothing between 301 and 302; clients disagree about 302 except for POST.
  if (answer.status() == 302 && method != "GET" && method != "HEAD" && method != "POST") return {};
  v1::FollowRequest hop;
  *hop.mutable_request() = asking.request.request();
  hop.mutable_request()->set_body(v1::BODY_REPLAYABLE);
  hop.mutable_response()->set_status(answer.status());
  *hop.mutable_response()->mutable_headers() = answer.headers();
  hop.mutable_options()->set_allow_downgrade(true);
  hop.mutable_options()->set_follow_multiple_choices(true);
  *hop.mutable_now() = asking.request.now();
  v1::FollowResponse next;
  v1::Error error;
  if (!IsDone(follow::Follow(hop, next), error)) return error.ShortDebugString();
  // A page that comes back for its cookie: browsers take a Secure one over http from loopback, and
  // STRICT does not.
  const auto from = http::ParseUrl(asking.request.request().url());
  const bool is_loopback = from && !http::IsHttps(*from) && http::IsLoopback(*from);
  if (is_loopback && next.stop().reason() == v1::STOP_REASON_LOOP &&
      Has(Get(answer, "Set-Cookie"), "; Secure")) {
    return {};
  }
  if (!next.has_next()) return next.stop().ShortDebugString();
  const auto reached = http::ParseUrl(next.next().url());
  const auto wanted = http::ParseUrl(answer.target());
  if (!reached || !wanted || http::WithoutFragment(*reached) != http::WithoutFragment(*wanted)) {
    return "it reaches " + next.next().url();
  }
  const bool to_get = answer.status() <= 303 && answer.status() != 300 && method != "HEAD";
  return next.next().method() == (to_get ? "GET" : method) ? "" : "with " + next.next().method();
}

TEST(DecideProperties, HoldForEveryAnswer) {
  const uint64_t seed = SeedOfThisRun();
  RandomQuestions questions(seed);
  std::map<int, int> statuses;
  std::map<v1::Outcome, int> outcomes;
  Asking last("");
  for (int i = 0; i < kQuestions; ++i) {
    Asking asking = questions.Next();
    if (!asking.Ask()) {
      ASSERT_EQ(asking.error.reason(), v1::ERROR_REASON_INVALID_FIELDS)
          << "seed " << seed << "\n"
          << asking.error.message() << "\n"
          << asking.request.DebugString();
      continue;
    }
    ++statuses[asking.answer.status()];
    ++outcomes[asking.answer.outcome()];
    for (const Property property : kProperties) {
      ASSERT_EQ(property(asking), "")
          << "seed " << seed << "\n"
          << asking.request.DebugString() << asking.answer.DebugString();
    }
    ASSERT_EQ(HeadIsGet(asking), "") << "seed " << seed << "\n" << asking.request.DebugString();
    ASSERT_EQ(IsRepeatable(asking, last), "") << "seed " << seed << "\n"
                                              << asking.request.DebugString();
    ASSERT_EQ(FollowReachesTarget(asking), "")
        << "seed " << seed << "\n"
        << asking.request.DebugString() << asking.answer.DebugString();
    last = std::move(asking);
  }
  int answered = 0;
  for (const auto& [outcome, count] : outcomes) answered += count;
  EXPECT_GT(answered, kQuestions / 2);
  // The questions must be diverse: each of these must have occurred.
  for (const int status : {200, 201, 202, 300, 301, 302, 303, 307, 308, 401, 405, 410, 422}) {
    EXPECT_GT(statuses[status], 50) << status;
  }
  for (const v1::Outcome outcome : {v1::OUTCOME_REDIRECT, v1::OUTCOME_RESPOND, v1::OUTCOME_FORWARD,
                                    v1::OUTCOME_PASS, v1::OUTCOME_REFUSE}) {
    EXPECT_GT(outcomes[outcome], 50) << v1::Outcome_Name(outcome);
  }
}

}  // namespace
}  // namespace fingerpost::decide

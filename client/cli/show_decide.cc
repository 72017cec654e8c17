#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "core/decide/status_facts.h"
#include "core/message/enum_names.h"
#include "page.h"
#include "show.h"

namespace fingerpost::cli {
namespace {

void ShowStatusLine(const v1::DecideRequest& request, int status, Page& page) {
  const auto protocol = request.request().protocol();
  std::string line = absl::StrFormat("%s %d", VersionName(protocol), status);
  // HTTP/2 and HTTP/3 have no reason phrase (RFC 9113 §8.3.2).
  const decide::StatusFacts* facts = decide::FindStatusFacts(status);
  if (facts != nullptr && protocol != v1::PROTOCOL_HTTP_2 && protocol != v1::PROTOCOL_HTTP_3) {
    absl::StrAppendFormat(&line, " %s", facts->phrase());
  }
  page.Line(Style::kGood, line);
}

void ShowVerdict(const v1::DecideRequest& request, const v1::DecideResponse& response, Page& page) {
  switch (response.outcome()) {
    case v1::OUTCOME_FORWARD:
      page.Line(Style::kGood, "FORWARD: send no redirect; hand the request to " +
                                  response.target() + " yourself");
      break;
    case v1::OUTCOME_PASS:
      page.Line(Style::kGood,
                absl::StrCat("PASS: no redirect; answer the request as if nothing had been asked",
                             response.headers().empty() ? "" : ", with these fields, too:"));
      page.Fields(response.headers());
      break;
    case v1::OUTCOME_REFUSE:
      page.Line(Style::kBad, "REFUSE: do not send this redirect");
      break;
    default:
      ShowStatusLine(request, response.status(), page);
      page.Fields(response.headers());
      if (!response.body().empty()) {
        page.Blank();
        page.Content(response.body());
      }
  }
}

void ShowFacts(const v1::StatusFacts& facts, Page& page) {
  page.Note("code", absl::StrFormat("%d %s", facts.status(), facts.phrase()));
  const auto fact = [&](bool holds, const char* yes, const char* no) {
    page.Note("", holds ? yes : no);
  };
  if (facts.status() >= 300 && facts.status() <= 399) {
    fact(facts.permanent(), "permanent: the client may use the new URL from now on", "temporary");
    fact(facts.keeps_method(), "the client repeats the request's method",
         "the client does not repeat the request's method");
  } else if (facts.permanent()) {
    page.Note("", "permanent: it does not come back");
  }
  fact(facts.processed(), "the request has been processed", "the request has not been processed");
  fact(facts.may_be_repeated(), "the same request may be sent again, to the target",
       facts.processed() ? "the same request must not be sent again"
                         : "the same request would get the same answer");
  fact(facts.heuristically_cacheable(), "may be stored without explicit freshness",
       "is only stored with explicit freshness");
  if (!facts.crawlers().empty()) page.Note("", "search engines: " + facts.crawlers());
}

void ShowExplanation(const v1::Explanation& explanation, Page& page) {
  if (explanation.has_facts()) {
    page.Blank();
    ShowFacts(explanation.facts(), page);
  }
  if (explanation.trace_size() > 0) page.Blank();
  for (const auto& step : explanation.trace()) {
    const std::string text = step.rule() + (step.detail().empty() ? "" : ": " + step.detail());
    page.Note(step.matched() ? "applied" : "not", Cited(text, step.citations()),
              step.matched() ? Style::kGood : Style::kDim);
  }
  if (explanation.forecasts_size() > 0) page.Blank();
  for (const auto& forecast : explanation.forecasts()) {
    const std::string does = forecast.has_next()
                                 ? forecast.next().method() + " " + forecast.next().url()
                                 : "stops: " + message::ShortEnumName(forecast.stop().reason());
    page.Note("client",
              absl::StrFormat("%-21s %s", message::ShortEnumName(forecast.profile()), does));
  }
}

}  // namespace

std::string Show(const v1::DecideRequest& request, const v1::DecideResponse& response,
                 const Palette& palette) {
  Page page(palette);
  ShowVerdict(request, response, page);
  page.Blank();
  const auto& reason = response.reason();
  page.Note("reason", absl::StrCat(message::ShortEnumName(reason.code()), ": ",
                                   Cited(reason.message(), reason.citations())));
  if (!response.rule().empty()) page.Note("rule", response.rule());
  if (!response.clear_cookie().empty()) {
    page.Note("afterwards", "Set-Cookie: " + response.clear_cookie());
  }
  page.Warnings(response.warnings());
  if (response.has_explanation()) ShowExplanation(response.explanation(), page);
  return page.Take();
}

}  // namespace fingerpost::cli

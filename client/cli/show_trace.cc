#include "show_trace.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <chrono>

#include "core/http/fields.h"
#include "core/message/enum_names.h"
#include "core/message/json.h"
#include "counted.h"
#include "page.h"
#include "show.h"

namespace fingerpost::cli {
namespace {

double Milliseconds(const Exchange& exchange) {
  return std::chrono::duration<double, std::milli>(exchange.time).count();
}

// What explains a redirect, or who sent it.
constexpr std::string_view kTelling[] = {
    "Location", "Refresh", "Retry-After", "Cache-Control", "Expires",
    "Age",      "Via",     "Server",      "Set-Cookie",    "Strict-Transport-Security"};

void ShowFields(const v1::HttpResponse& response, Page& page) {
  for (const std::string_view name : kTelling) {
    for (const auto& header : response.headers()) {
      if (http::EqualsIgnoreCase(header.name(), name)) page.Field(header);
    }
  }
}

std::string StatusText(const Exchange& exchange) {
  return absl::StrCat(exchange.response.status(), exchange.phrase.empty() ? "" : " ",
                      exchange.phrase);
}

void ShowHop(const Hop& hop, size_t number, Page& page) {
  page.Line(Style::kBold,
            absl::StrFormat("%d  %s %s", number, hop.request.method(), hop.request.url()));
  if (hop.exchange.version.empty()) return;
  const int status = hop.exchange.response.status();
  const Style style = status < 300 ? Style::kGood : status < 400 ? Style::kWarning : Style::kBad;
  page.Line(style, absl::StrFormat("%s %s  %.0f ms", hop.exchange.version, StatusText(hop.exchange),
                                   Milliseconds(hop.exchange)));
  ShowFields(hop.exchange.response, page);
  ShowChanges(hop.request, hop.follow, page);
  if (!hop.leads_to.empty()) page.Note("leads to", hop.leads_to);
  if (hop.asked_again) page.Note("again", "with GET: some servers refuse HEAD alone");
  page.Blank();
}

std::string Ending(const Trace& trace) {
  if (!trace.failure.empty()) return "FAILED: " + trace.failure;
  const v1::Stop& stop = trace.hops.back().follow.stop();
  const size_t redirects = trace.Redirects();
  const std::string count = Counted(redirects, "redirect");
  if (trace.EndsInError()) {
    return absl::StrCat("ERROR: ", StatusText(trace.hops.back().exchange), ", after ", count);
  }
  if (!stop.error()) return "DONE: the result, after " + count;
  return absl::StrFormat("STOP: %s after %s: %s", message::ShortEnumName(stop.reason()), count,
                         Cited(stop.message(), stop.citations()));
}

// The outcome of the request, next to it: `,"version":…,"response":…`.
void AppendAnswer(const Hop& hop, std::string& out) {
  if (!hop.exchange.version.empty()) {
    out += ",\"version\":";
    message::AppendJsonString(hop.exchange.version, out);
    out += ",\"response\":";
    message::AppendJson(hop.exchange.response, out);
    absl::StrAppendFormat(&out, ",\"milliseconds\":%.3f", Milliseconds(hop.exchange));
  }
  if (hop.follow.result_case() != v1::FollowResponse::RESULT_NOT_SET) {
    out += ",\"follow\":";
    message::AppendJson(hop.follow, out);
  }
  if (!hop.leads_to.empty()) {
    out += ",\"leads_to\":";
    message::AppendJsonString(hop.leads_to, out);
  }
}

void AppendProblem(const ChainProblem& problem, std::string& out) {
  out += "{\"code\":";
  message::AppendJsonString(problem.code, out);
  out += ",\"message\":";
  message::AppendJsonString(problem.message, out);
  if (problem.hop > 0) absl::StrAppend(&out, ",\"hop\":", problem.hop);
  out += '}';
}

}  // namespace

std::string Show(const Trace& trace, const Palette& palette) {
  constexpr size_t kColumns = 80;
  Page page(palette, kColumns);
  size_t number = 0;
  std::chrono::microseconds time{0};
  for (const Hop& hop : trace.hops) {
    ShowHop(hop, ++number, page);
    time += hop.exchange.time;
  }
  const Style style = trace.Complete() && !trace.EndsInError() ? Style::kGood : Style::kBad;
  const std::string ending =
      absl::StrFormat("%s (%.0f ms in all)", Ending(trace),
                      std::chrono::duration<double, std::milli>(time).count());
  if (trace.failure.empty()) {
    page.Sentence(style, ending);
  } else {
    page.Line(style, ending);  // libcurl's words, as they are searched for
  }
  if (!trace.problems.empty()) page.Blank();
  for (const ChainProblem& problem : trace.problems) {
    page.Note("problem",
              absl::StrCat(problem.hop == 0 ? "" : absl::StrCat("hop ", problem.hop, ": "),
                           problem.code, ": ", problem.message),
              Style::kWarning);
  }
  return page.Take();
}

std::string TraceJson(const Trace& trace) {
  std::string out = "{\"hops\":[";
  for (const Hop& hop : trace.hops) {
    out += &hop == &trace.hops.front() ? "{\"request\":" : ",{\"request\":";
    message::AppendJson(hop.request, out);
    AppendAnswer(hop, out);
    out += '}';
  }
  absl::StrAppend(&out, "],\"complete\":", trace.Complete() ? "true" : "false");
  if (!trace.failure.empty()) {
    out += ",\"failure\":";
    message::AppendJsonString(trace.failure, out);
  }
  out += ",\"problems\":[";
  for (const ChainProblem& problem : trace.problems) {
    if (&problem != &trace.problems.front()) out += ',';
    AppendProblem(problem, out);
  }
  out += "]}\n";
  return out;
}

}  // namespace fingerpost::cli

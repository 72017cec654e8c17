#include "show_trace.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "core/enum_names.h"
#include "core/json.h"
#include "page.h"
#include "show.h"

namespace fingerpost::cli {
namespace {

double Milliseconds(const Exchange& exchange) {
  return std::chrono::duration<double, std::milli>(exchange.time).count();
}

void ShowHop(const Hop& hop, size_t number, Page& page) {
  page.Line(Style::kBold,
            absl::StrFormat("%d  %s %s", number, hop.request.method(), hop.request.url()));
  if (hop.exchange.version.empty()) return;
  const int status = hop.exchange.response.status();
  const Style style = status < 300 ? Style::kGood : status < 400 ? Style::kWarning : Style::kBad;
  std::string line = absl::StrCat(hop.exchange.version, " ", status);
  if (!hop.exchange.phrase.empty()) absl::StrAppend(&line, " ", hop.exchange.phrase);
  page.Line(style, absl::StrFormat("%s  %.0f ms", line, Milliseconds(hop.exchange)));
  ShowChanges(hop.request, hop.follow, page);
  page.Blank();
}

std::string Ending(const Trace& trace, size_t redirects) {
  if (!trace.failure.empty()) return "FAILED: " + trace.failure;
  const v1::Stop& stop = trace.hops.back().follow.stop();
  const std::string count = absl::StrFormat("%d redirect%s", redirects, redirects == 1 ? "" : "s");
  if (!stop.error()) return "DONE: the result, after " + count;
  return absl::StrFormat("STOP: %s after %s: %s", ShortEnumName(stop.reason()), count,
                         Cited(stop.message(), stop.citations()));
}

nlohmann::ordered_json AsJson(const google::protobuf::Message& message) {
  return nlohmann::ordered_json::parse(ToJson(message));
}

}  // namespace

std::string Show(const Trace& trace, const Palette& palette) {
  Page page(palette);
  size_t number = 0;
  std::chrono::microseconds time{0};
  for (const Hop& hop : trace.hops) {
    ShowHop(hop, ++number, page);
    time += hop.exchange.time;
  }
  page.Line(trace.Complete() ? Style::kGood : Style::kBad,
            absl::StrFormat("%s (%.0f ms in all)", Ending(trace, number - 1),
                            std::chrono::duration<double, std::milli>(time).count()));
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
  nlohmann::ordered_json out;
  out["hops"] = nlohmann::ordered_json::array();
  for (const Hop& hop : trace.hops) {
    auto& to = out["hops"].emplace_back();
    to["request"] = AsJson(hop.request);
    if (hop.exchange.version.empty()) continue;
    to["version"] = hop.exchange.version;
    to["response"] = AsJson(hop.exchange.response);
    to["milliseconds"] = Milliseconds(hop.exchange);
    to["follow"] = AsJson(hop.follow);
  }
  out["complete"] = trace.Complete();
  if (!trace.failure.empty()) out["failure"] = trace.failure;
  out["problems"] = nlohmann::ordered_json::array();
  for (const ChainProblem& problem : trace.problems) {
    auto& to = out["problems"].emplace_back();
    to["code"] = problem.code;
    to["message"] = problem.message;
    if (problem.hop > 0) to["hop"] = problem.hop;
  }
  // What a server sent need not be UTF-8.
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace fingerpost::cli

#include "server/admin_page.h"

#include <fmt/format.h>

#include <ctime>
#include <memory>

#include "core/http/fields.h"
#include "core/http/markup.h"
#include "server/policy_section.h"
#include "version.h"

namespace fingerpost {
namespace {

constexpr char kHead[] = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>fingerpostd</title>
<meta name="viewport" content="width=device-width">
<style>
body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 1.5rem auto; padding: 0 1rem; color: #222 }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse } td, th { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
pre { background: #f4f4f2; padding: .6rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }
input[name=url], input[name=target] { width: 26rem; max-width: 100% }
.good { color: #17692b } .bad { color: #a3141a; font-weight: 600 }
</style></head><body>
)";

void Row(std::string& out, std::string_view name, const std::string& html) {
  out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", http::Escaped(name), html);
}

// Whose file of the policy is wrong?
void AddIncluded(std::string& out, const std::vector<policy::load::Included>& included) {
  if (included.empty()) return;
  out +=
      "<h2>Included files</h2>\n<table><tr><th>File</th><th>What answers</th>"
      "<th>Loaded</th></tr>\n";
  for (const policy::load::Included& file : included) {
    const bool is_current = file.state == policy::load::Included::State::kCurrent;
    out += fmt::format("<tr><td>{}</td><td class=\"{}\">{}</td><td>{}</td></tr>\n",
                       http::Escaped(file.name), is_current ? "good" : "bad", Describe(file.state),
                       TimeText(file.since));
  }
  out += "</table>\n";
}

// Is it up, which policy, since when?
void AddState(std::string& out, const State& state) {
  out += fmt::format("<h1>fingerpostd {}: {}</h1>\n<table>\n", kVersion,
                     state.serving ? "<span class=\"good\">serving</span>"
                                   : "<span class=\"bad\">not serving</span>");
  Row(out, "Started", TimeText(state.started_at));
  Row(out, "Calls in progress", std::to_string(state.calls));
  Row(out, "Policy",
      state.policy_file.empty() ? "the default one" : http::Escaped(state.policy_file));
  Row(out, "Policy version", http::Escaped(state.policy_version));
  Row(out, "Policy loaded", TimeText(state.policy_loaded_at));
  Row(out, "Policy reloads",
      fmt::format("{} good, {} in part, <span class=\"{}\">{} failed</span>", state.policy_reloads,
                  state.policy_partial_reloads, state.policy_failures == 0 ? "good" : "bad",
                  state.policy_failures));
  if (state.certificates.end != 0) {
    Row(out, "Certificate ends", TimeText(state.certificates.end));
    Row(out, "Certificate reloads",
        fmt::format("{} good, <span class=\"{}\">{} failed</span>", state.certificates.reloads,
                    state.certificates.failures == 0 ? "good" : "bad",
                    state.certificates.failures));
  }
  out += "</table>\n";
  AddIncluded(out, state.policy_included);
  if (state.policy_problems.empty()) return;
  out += "<h2>Problems of the last policy load</h2>\n<pre>";
  for (const std::string& problem : state.policy_problems) out += http::Escaped(problem) + "\n";
  out += "</pre>\n";
}

void AddCalls(std::string& out, const Meters& meters) {
  out +=
      "<h2>Calls</h2>\n<table><tr><th>Method</th><th>over</th><th class=\"n\">started</th>"
      "<th class=\"n\">good</th><th class=\"n\">failed</th><th class=\"n\">mean</th></tr>\n";
  for (size_t i = 0; i < kMethods.size(); ++i) {
    const CallCounts counts = meters.Calls(static_cast<Method>(i));
    uint64_t ended = 0;
    for (const uint64_t count : counts.handled) ended += count;
    const double mean =
        ended == 0 ? 0 : static_cast<double>(counts.nanoseconds) / 1e3 / static_cast<double>(ended);
    out += fmt::format(
        "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"n\">{}</td><td class=\"n\">{:.1f} µs</td></tr>\n",
        kMethods[i].name, kMethods[i].IsGrpc() ? "gRPC" : "HTTP/JSON", counts.started,
        counts.handled[0], ended - counts.handled[0], mean);
  }
  out += "</table>\n";
}

// Who is calling too much?
void AddCallers(std::string& out, const State& state) {
  if (!state.knows_callers) return;
  out +=
      "<h2>Most frequent callers</h2>\n<table><tr><th>Client certificate</th>"
      "<th class=\"n\">Calls</th></tr>\n";
  for (const auto& [caller, calls] : state.top_callers) {
    out +=
        fmt::format("<tr><td>{}</td><td class=\"n\">{}</td></tr>\n", http::Escaped(caller), calls);
  }
  out += "</table>\n";
}

void AddAnswers(std::string& out, const Meters& meters, const UsageCounts& usage) {
  out +=
      "<h2>Answers of Decide</h2>\n<table><tr><th>Outcome</th><th>Purpose</th>"
      "<th class=\"n\">Status</th><th>Reason</th><th class=\"n\">Count</th></tr>\n";
  for (const policy::count::DecisionCount& d : meters.answers().Decisions()) {
    const bool refused = d.outcome == v1::OUTCOME_REFUSE;
    out += fmt::format(
        "<tr><td{}>{}</td><td>{}</td><td class=\"n\">{}</td><td>{}</td>"
        "<td class=\"n\">{}</td></tr>\n",
        refused ? " class=\"bad\"" : "", v1::Outcome_Name(d.outcome),
        d.purpose == v1::PURPOSE_UNSPECIFIED ? "(the policy's)" : v1::Purpose_Name(d.purpose),
        d.status, v1::ReasonCode_Name(d.reason), d.count);
  }
  out +=
      "</table>\n<h2>Answers of Follow</h2>\n<table><tr><th>Stop</th>"
      "<th class=\"n\">Count</th></tr>\n";
  for (const policy::count::FollowCount& f : meters.answers().Follows()) {
    out += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td></tr>\n",
        f.stop == v1::STOP_REASON_UNSPECIFIED ? "(next request)" : v1::StopReason_Name(f.stop),
        f.count);
  }
  out += "</table>\n";
  if (usage.reports == 0) return;
  out += fmt::format(
      "<p>Of these, {} of Decide and {} of Follow are from engines in other processes (reports: "
      "{}).</p>\n",
      usage.decisions, usage.follows, usage.reports);
}

void AddLines(std::string& out, std::string_view title, const std::vector<std::string>& lines) {
  out += fmt::format("<h2>{}</h2>\n<pre>", title);
  for (const std::string& line : lines) out += http::Escaped(line) + "\n";
  out += lines.empty() ? "none</pre>\n" : "</pre>\n";
}

void AddForm(std::string& out, const Trial& trial, const std::string& answer) {
  out += fmt::format(
      "<h2 id=\"try\">Try a decision</h2>\n<form action=\"#try\" method=\"get\">\n"
      "<p><label>Method <input name=\"method\" size=\"8\" value=\"{}\"></label>\n"
      "<label>URL <input name=\"url\" value=\"{}\"></label></p>\n"
      "<p><label>Purpose <select name=\"purpose\"><option value=\"\">the policy decides</option>",
      http::Escaped(trial.method.empty() ? "GET" : trial.method), http::Escaped(trial.url));
  const auto& purposes = *v1::Purpose_descriptor();
  for (int i = 1; i < purposes.value_count(); ++i) {
    const std::string name = purposes.value(i)->name().substr(sizeof "PURPOSE_" - 1);
    out += fmt::format("<option{}>{}</option>", name == trial.purpose ? " selected" : "", name);
  }
  out += fmt::format(
      "</select></label>\n<label>Target <input name=\"target\" value=\"{}\"></label>\n"
      "<button>Decide</button></p></form>\n",
      http::Escaped(trial.target));
  if (!answer.empty()) out += fmt::format("<pre id=\"answer\">{}</pre>\n", http::Escaped(answer));
}

}  // namespace

std::string TimeText(int64_t seconds) {
  if (seconds == 0) return "never";
  const std::time_t time = seconds;
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
  return text;
}

std::string AdminPage(const PageContent& content) {
  std::string out = kHead;
  AddState(out, content.state);
  AddForm(out, content.trial, content.answer);
  AddCalls(out, content.meters);
  AddCallers(out, content.state);
  AddAnswers(out, content.meters, content.state.usage);
  AddPolicyHits(content.hits, content.rows, out);
  AddLines(out, "Last refused", content.refused);
  AddLines(out, "Slowest", content.slowest);
  out +=
      "<p><a href=\"/metrics\">/metrics</a> <a href=\"/stats\">/stats</a> <a "
      "href=\"/readyz\">/readyz</a> "
      "<a href=\"/healthz\">/healthz</a></p>\n</body></html>\n";
  return out;
}

std::string AnswerTo(const Trial& trial, const RedirectService& service) {
  v1::DecideRequest request;
  request.mutable_request()->set_method(trial.method);
  request.mutable_request()->set_url(trial.url);
  v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
  if (v1::Purpose_Parse("PURPOSE_" + trial.purpose, &purpose)) {
    auto intent = std::make_unique<v1::Intent>();
    intent->set_purpose(purpose);
    intent->set_target(trial.target);
    request.set_allocated_intent(intent.release());
  }
  v1::DecideResponse response;
  std::string out;
  if (const auto done = service.Decide(request, response); !done) {
    const v1::Error& error = done.error();
    out = fmt::format("{}: {}\n", error.code(), error.message());
    for (const auto& violation : error.violations()) {
      out += fmt::format("  {}: {}\n", violation.field(), violation.description());
    }
    return out;
  }
  out = v1::Outcome_Name(response.outcome());
  if (response.status() != 0) out += fmt::format(" {}", response.status());
  out += '\n';
  for (const v1::Header& header : response.headers()) {
    out += fmt::format("{}: {}\n", header.name(), http::ValueOf(header));
  }
  out += fmt::format("\n{}: {}\n", v1::ReasonCode_Name(response.reason().code()),
                     response.reason().message());
  for (const std::string& citation : response.reason().citations()) out += "  " + citation + "\n";
  for (const v1::Warning& warning : response.warnings()) {
    out += fmt::format("Warning: {}\n", warning.message());
  }
  if (!response.rule().empty()) out += fmt::format("Rule: {}\n", response.rule());
  return out;
}

}  // namespace fingerpost

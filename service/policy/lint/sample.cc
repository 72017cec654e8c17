#include "policy/lint/sample.h"

#include <algorithm>
#include <string_view>

#include "core/http/url.h"
#include "policy/compiled/captures.h"
#include "policy/compiled/exceptions.h"
#include "policy/compiled/path.h"
#include "policy/compiled/subject.h"

namespace fingerpost::policy::lint {

std::string SampleUrl(const v1::Match& match) {
  std::string host(match.hosts().empty() ? kSampleHost : std::string_view(match.hosts(0)));
  if (compiled::CapturesLabels(host)) host.erase(0, 1);
  if (host.starts_with('.')) host = "x" + host;
  std::string path = "/x";
  switch (match.path_pattern_case()) {
    case v1::Match::kPath:
      path = match.path();
      break;
    case v1::Match::kPathPrefix:
      path = match.path_prefix() + (match.path_prefix().ends_with('/') ? "x" : "/x");
      break;
    case v1::Match::kPathGlob:
      path.clear();
      for (const char c : match.path_glob()) {
        if (c != '*') {
          path += c;
        } else if (!path.ends_with('x')) {
          path += 'x';
        }
      }
      break;
    case v1::Match::kPathRegex:
      return {};
    case v1::Match::PATH_PATTERN_NOT_SET:
      break;
  }
  return "https://" + host + path;
}

void VisitUrl(const compiled::Snapshot& snapshot, const std::string& url,
              absl::FunctionRef<bool(const compiled::Candidate&)> visit) {
  v1::DecideRequest asked;
  asked.mutable_request()->set_url(url);
  message::Faults faults;
  const http::Request request = http::ReadRequest(asked.request(), {}, faults);
  if (request.url() != nullptr) {
    const compiled::Subject subject(asked, request, snapshot.hosts);
    snapshot.rules.Visit(subject, [&](const compiled::Candidate& candidate) {
      if (candidate.rule == nullptr) return visit(candidate);
      if (compiled::LeavesOutUrl(*candidate.rule, subject)) return true;
      const compiled::Captured all =
          compiled::SampleCaptured(*candidate.rule, candidate.captures, subject);
      return visit({.rule = candidate.rule, .entry = {}, .captures = all});
    });
  }
}

v1::Intent FilledIntent(const compiled::Rule& rule, std::span<const std::string_view> captures) {
  v1::Intent intent = compiled::Instantiate(rule, captures);
  const decide::Values values(rule.captures, captures);
  const auto fill = [&values](std::string& target) {
    std::vector<decide::ValueFault> faults;
    std::string filled = decide::FillPlaceholders(target, values, faults);
    if (faults.empty()) target = std::move(filled);
  };
  fill(*intent.mutable_target());
  fill(*intent.mutable_fallback_target());
  for (auto& target : *intent.mutable_weighted_targets()) fill(*target.mutable_target());
  for (auto& target : *intent.mutable_alternatives()) fill(*target.mutable_target());
  return intent;
}

v1::Intent IntentFor(const compiled::Snapshot& snapshot, const compiled::Rule& rule,
                     const std::string& url) {
  v1::Intent intent = rule.intent;
  VisitUrl(snapshot, url, [&](const compiled::Candidate& candidate) {
    if (candidate.rule != &rule) return true;
    intent = FilledIntent(rule, candidate.captures);
    return false;
  });
  return intent;
}

}  // namespace fingerpost::policy::lint

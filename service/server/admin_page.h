// The page for operators: plain HTML without scripts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rpc/meters.h"
#include "rpc/policy_counts.h"
#include "rpc/redirect_service.h"
#include "server/metrics.h"

namespace fingerpost {

// The form's question; all empty: none.
struct Trial {
  std::string method;
  std::string url;
  std::string purpose;  // "FORM_RESULT"; "": the policy decides
  std::string target;
};

struct PageContent {
  const Meters& meters;
  const State& state;
  PolicyHits hits;
  TopRows rows;
  std::vector<std::string> refused;  // log lines, latest first
  std::vector<std::string> slowest;  // log lines, slowest first
  Trial trial;
  std::string answer;  // of the trial, as text
};

// "2026-11-29 16:00:00 UTC"; "never" for 0. `seconds` since 1970-01-01 UTC.
[[nodiscard]] std::string TimeText(int64_t seconds);

[[nodiscard]] std::string AdminPage(const PageContent& content);

// Asks the service, and shows the answer as HTTP, or every wrong field.
[[nodiscard]] std::string AnswerTo(const Trial& trial, const RedirectService& service);

}  // namespace fingerpost

#include "policy/lint/lint.h"

#include <google/protobuf/util/time_util.h>

#include <functional>

namespace fingerpost::policy::lint {
namespace {

using google::protobuf::Timestamp;

void LintWindow(const v1::Intent& intent, const std::string& at,
                const std::optional<Timestamp>& now, document::Reporter& reporter) {
  if (!intent.has_window()) return;
  if (now && intent.window().has_until() && intent.window().until() <= *now) {
    reporter.Warning(at + ".window.until", "is over; remove what it limits, or move it");
  }
  if (intent.purpose() == v1::PURPOSE_PERMANENT_MOVE ||
      (intent.purpose() == v1::PURPOSE_CANONICAL_URL &&
       intent.permanence() != v1::PERMANENCE_TEMPORARY)) {
    reporter.Warning(at + ".window",
                     "limits what clients and search engines take for permanent; use "
                     "temporary_move or campaign");
  }
}

}  // namespace

void Lint(const v1::Policy& policy, const compiled::Snapshot& snapshot,
          const std::optional<Timestamp>& now, document::Reporter& reporter) {
  for (int i = 0; i < policy.rules_size(); ++i) {
    LintWindow(policy.rules(i).intent(), document::ElementPath("rules", i) + ".intent", now,
               reporter);
  }
  for (const auto& [name, named] : policy.intents()) {
    LintWindow(named.intent(), document::MemberPath("intents", name) + ".intent", now, reporter);
  }
  for (int i = 0; i < policy.maps_size(); ++i) {
    LintWindow(policy.maps(i).intent(), document::ElementPath("maps", i) + ".intent", now,
               reporter);
  }
  CheckReach(policy, snapshot, reporter);
  CheckExceptions(policy, snapshot, reporter);
  CheckCircles(policy, snapshot, reporter);
  CheckCaptures(policy, snapshot, reporter);
  CheckLiterals(policy, reporter);
  CheckKeys(policy, snapshot, reporter);
  CheckAnswers(policy, snapshot, reporter);
}

}  // namespace fingerpost::policy::lint

#include "policy/matching.h"

#include <algorithm>
#include <optional>

#include "core/decide.h"
#include "core/enum_names.h"
#include "core/url.h"

namespace fingerpost {
namespace {

constexpr int kMaxShadowRules = 16;  // As policy.proto says: an answer stays small.
constexpr int kMaxTraced = 64;       // Of candidates; a table of runners-up that a person reads.

// One request on its way through the rules.
class Matching {
 public:
  Matching(const Snapshot& snapshot, const Subject& subject, v1::DecideResponse& out)
      : snapshot_(snapshot),
        subject_(subject),
        out_(out),
        defaults_(DefaultsOf(snapshot, subject.hosts())),
        explain_(subject.request().explain()) {}

  bool Run(v1::Error& error);

 private:
  bool Visit(const Candidate& candidate);
  bool Answer(v1::Error& error);
  void Shadow(const Rule& rule, const Candidate& candidate);
  void NoMatch();
  void Trace(std::string rule, bool matched, std::string detail);

  const Snapshot& snapshot_;
  const Subject& subject_;
  v1::DecideResponse& out_;
  const v1::Defaults& defaults_;
  const bool explain_;
  // What decides; without an id nothing does.
  v1::Intent intent_;
  std::string id_;
  std::vector<std::string> looked_at_;
  std::vector<std::string> shadow_;
  std::vector<v1::TraceStep> trace_;
};

std::string EntryId(const Snapshot& snapshot, const MapEntry& entry) {
  return snapshot.maps[entry.map].name + ':' + std::to_string(entry.line);
}

v1::Intent EntryIntent(const Snapshot& snapshot, const MapEntry& entry) {
  v1::Intent intent = snapshot.maps[entry.map].intents[entry.code];
  intent.set_target(entry.target.data(), entry.target.size());
  return intent;
}

std::string Explain(const Unmet& unmet) {
  std::string text = std::string("match.") + unmet.member;
  if (!unmet.name.empty()) text.append("[").append(unmet.name).append("]");
  return text + " does not hold";
}

void Matching::Trace(std::string rule, bool matched, std::string detail) {
  if (!explain_ || trace_.size() >= kMaxTraced) return;
  v1::TraceStep& step = trace_.emplace_back();
  step.set_rule(std::move(rule));
  step.set_matched(matched);
  step.set_detail(std::move(detail));
}

// What a rule in shadow mode would have answered, without the parts of a URL that may be secret.
void Matching::Shadow(const Rule& rule, const Candidate& candidate) {
  if (shadow_.size() < kMaxShadowRules) shadow_.push_back(rule.id);
  if (!explain_) return;
  v1::DecideResponse would;
  v1::Error error;
  v1::DecideRequest request = subject_.request();
  request.set_explain(false);
  const v1::Intent intent = Instantiate(rule, candidate.captures);
  std::string detail = "in shadow mode; would answer ";
  if (!Decide(DecideInput{request, intent, defaults_, rule.id, snapshot_.version, {}}, would,
              error)) {
    detail += "with the error " + error.message();
  } else {
    detail += ShortEnumName(would.outcome());
    if (would.status() != 0) detail += ' ' + std::to_string(would.status());
    if (const auto target = ParseUrl(would.target())) detail += " to " + Redacted(*target);
  }
  Trace("rule." + rule.id, true, std::move(detail));
}

// Returns whether to look further.
bool Matching::Visit(const Candidate& candidate) {
  const bool decided = !id_.empty();
  if (candidate.rule == nullptr) {
    std::string id = EntryId(snapshot_, *candidate.entry);
    Trace("map." + id, true, decided ? "would match; " + id_ + " comes first" : "matches");
    if (decided) return true;
    intent_ = EntryIntent(snapshot_, *candidate.entry);
    id_ = std::move(id);
    return explain_;
  }
  const Rule& rule = *candidate.rule;
  // What a shadow rule or a runner-up reads does not change the answer.
  std::vector<std::string> ignored;
  const Unmet unmet = Check(rule, subject_, decided || rule.shadow ? ignored : looked_at_);
  if (unmet.member != nullptr) {
    if (explain_) Trace("rule." + rule.id, false, Explain(unmet));
    return true;
  }
  if (decided) {
    Trace("rule." + rule.id, true, "would match; " + id_ + " comes first");
  } else if (rule.shadow) {
    Shadow(rule, candidate);
  } else {
    Trace("rule." + rule.id, true, "matches");
    intent_ = Instantiate(rule, candidate.captures);
    id_ = rule.id;
    return explain_;
  }
  return true;
}

void Matching::NoMatch() {
  out_.set_outcome(v1::OUTCOME_PASS);
  v1::Reason& reason = *out_.mutable_reason();
  if (shadow_.empty()) {
    reason.set_code(v1::REASON_CODE_NO_MATCH);
    reason.set_message("No rule and no map entry of the policy matches the request.");
  } else {
    reason.set_code(v1::REASON_CODE_SHADOW);
    reason.set_message("The rule that matches is in shadow mode.");
    out_.set_rule(shadow_.front());
  }
  out_.set_policy_version(snapshot_.version);
  // The backend's own answer depends on these fields now.
  if (looked_at_.empty()) return;
  std::string vary;
  for (const std::string& name : looked_at_) vary += (vary.empty() ? "" : ", ") + name;
  v1::Header& header = *out_.add_headers();
  header.set_name("Vary");
  header.set_value(std::move(vary));
}

bool Matching::Answer(v1::Error& error) {
  if (id_.empty()) {
    NoMatch();
    return true;
  }
  return Decide(
      DecideInput{subject_.request(), intent_, defaults_, id_, snapshot_.version, looked_at_}, out_,
      error);
}

bool Matching::Run(v1::Error& error) {
  if (defaults_.require_https() && !IsHttps(subject_.url())) {
    intent_.set_purpose(v1::PURPOSE_HTTPS_UPGRADE);
    intent_.set_trust(v1::TRUST_POLICY);
    id_ = "https";
    Trace("defaults.require_https", true, "the request came by http");
  } else {
    snapshot_.rules.Visit(subject_,
                          [this](const Candidate& candidate) { return Visit(candidate); });
  }
  if (!Answer(error)) return false;
  for (std::string& id : shadow_) out_.add_shadow_rules(std::move(id));
  if (!explain_) return true;
  // The policy's steps come before the core's.
  auto& steps = *out_.mutable_explanation()->mutable_trace();
  const int core = steps.size();
  for (v1::TraceStep& step : trace_) steps.Add(std::move(step));
  std::rotate(steps.pointer_begin(), steps.pointer_begin() + core, steps.pointer_end());
  return true;
}

}  // namespace

bool DecideMatched(const Snapshot& snapshot, const Subject& subject, v1::DecideResponse& out,
                   v1::Error& error) {
  return Matching(snapshot, subject, out).Run(error);
}

}  // namespace fingerpost

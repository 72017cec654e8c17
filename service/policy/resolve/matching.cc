#include "policy/resolve/matching.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "core/decide/answer_writer.h"
#include "core/decide/decide.h"
#include "core/decide/sticky_key.h"
#include "core/decide/warning_texts.h"
#include "core/decide/warnings.h"
#include "core/http/url.h"
#include "core/message/enum_names.h"
#include "core/message/violations.h"

namespace fingerpost::policy::resolve {
namespace {

using google::protobuf::Timestamp;

constexpr int kMaxShadowRules = 16;  // As policy.proto says: an answer stays small.
constexpr std::string_view kNothingToDo = "finds nothing to do: the URL is its target already";
constexpr int kMaxTraced = 64;  // Of candidates; a table of runners-up that a person reads.

// One request on its way through the rules.
class Matching {
 public:
  Matching(const compiled::Snapshot& snapshot, const compiled::Subject& subject,
           v1::DecideResponse& out)
      : snapshot_(snapshot),
        subject_(subject),
        out_(out),
        defaults_(compiled::DefaultsOf(snapshot, subject.hosts())),
        explain_(subject.request().explain()) {}

  bool Run(v1::Error& error);

 private:
  bool Visit(const compiled::Candidate& candidate);
  bool Answer(v1::Error& error);
  // What a candidate asks of the core. It outlives the visit, as the request's path does.
  struct Wish {
    v1::Intent intent;
    const compiled::Rule* rule = nullptr;  // Or null: a row, which captures nothing.
    absl::InlinedVector<std::string_view, 4> captures = {};

    [[nodiscard]] decide::Values values() const {
      return rule == nullptr ? decide::Values()
                             : decide::Values(rule->captures, captures, rule->capture_kind());
    }
  };
  void Shadow(const compiled::Rule& rule, const Wish& wish);
  bool Take(const std::string& step, std::string id, const v1::Intent& wished,
            absl::FunctionRef<Wish()> wish);
  [[nodiscard]] bool HasNothingToDo(const std::string& id, const Wish& wish) const;
  [[nodiscard]] Wish WishOf(const compiled::Candidate& candidate) const;
  [[nodiscard]] decide::Input InputFor(const std::string& id, const Wish& wish) const;
  void NoMatch();
  void AddFields();
  std::string& AddField(const decide::FieldName& name);
  void Trace(std::string rule, bool matched, std::string detail);

  const compiled::Snapshot& snapshot_;
  const compiled::Subject& subject_;
  v1::DecideResponse& out_;
  const v1::Defaults& defaults_;
  const bool explain_;
  // What decides; without an id nothing does.
  Wish wish_;
  std::string id_;
  // The first rule that would decide at another time, and the next instant at which one will.
  Wish sleeping_;
  std::string sleeping_id_;
  std::optional<Timestamp> next_begin_;
  compiled::LookedAt looked_at_;
  std::vector<std::string> shadow_;
  std::vector<v1::TraceStep> trace_;
};

std::string EntryId(const compiled::Snapshot& snapshot, const compiled::MapEntry& entry) {
  return snapshot.maps[entry.map].name + ':' + std::to_string(entry.line);
}

v1::Intent EntryIntent(const compiled::Snapshot& snapshot, const compiled::MapEntry& entry) {
  v1::Intent intent = snapshot.maps[entry.map].intents[entry.code];
  intent.set_target(entry.target.data(), entry.target.size());
  return intent;
}

std::string Explain(const compiled::Unmet& unmet) {
  std::string text = std::string("match.") + unmet.member;
  if (!unmet.name.empty()) text.append("[").append(unmet.name).append("]");
  return text + " does not hold";
}

// Before the window, and after one that passes, the rule is as if it were not there. Without `now`
// the core tells that it is needed.
bool Sleeps(const v1::Window& window, const v1::DecideRequest& request) {
  if (!request.has_now()) return false;
  if (window.has_from() && request.now() < window.from()) return true;
  return window.has_until() && window.afterwards() == v1::AFTER_WINDOW_PASS &&
         request.now() >= window.until();
}

void Matching::Trace(std::string rule, bool matched, std::string detail) {
  if (!explain_ || trace_.size() >= kMaxTraced) return;
  v1::TraceStep& step = trace_.emplace_back();
  step.set_rule(std::move(rule));
  step.set_matched(matched);
  step.set_detail(std::move(detail));
}

// What a rule in shadow mode would have answered, without the parts of a URL that may be secret.
void Matching::Shadow(const compiled::Rule& rule, const Wish& wish) {
  if (shadow_.size() < kMaxShadowRules) shadow_.push_back(rule.id);
  if (!explain_) return;
  v1::DecideResponse would;
  v1::Error error;
  v1::DecideRequest request = subject_.request();
  request.set_explain(false);
  std::string detail = "in shadow mode; would answer ";
  const decide::Input input{.request = request,
                            .intent = wish.intent,
                            .defaults = defaults_,
                            .rule = rule.id,
                            .policy_version = snapshot_.version,
                            .captures = wish.values()};
  if (!decide::Decide(input, would, error)) {
    detail += "with the error " + error.message();
  } else {
    detail += message::ShortEnumName(would.outcome());
    if (would.status() != 0) detail += ' ' + std::to_string(would.status());
    if (const auto target = http::ParseUrl(would.target()))
      detail += " to " + http::Redacted(*target);
  }
  Trace("rule." + rule.id, true, std::move(detail));
}

decide::Input Matching::InputFor(const std::string& id, const Wish& wish) const {
  return {.request = subject_.request(),
          .intent = wish.intent,
          .defaults = defaults_,
          .rule = id,
          .policy_version = snapshot_.version,
          .captures = wish.values()};
}

bool Matching::HasNothingToDo(const std::string& id, const Wish& wish) const {
  return compiled::OnlyCanonicalises(wish.intent) && decide::LeadsToItself(InputFor(id, wish));
}

// A rule or an entry whose conditions hold and whose intent is `wished`, not yet filled in. Returns
// whether to look further.
bool Matching::Take(const std::string& step, std::string id, const v1::Intent& wished,
                    absl::FunctionRef<Wish()> wish) {
  const bool decided = !id_.empty();
  if (wished.has_window() && Sleeps(wished.window(), subject_.request())) {
    const v1::Window& window = wished.window();
    Trace(step, false, "matches, but not at this time");
    if (decided) return true;
    if (sleeping_id_.empty()) {
      sleeping_ = wish();
      sleeping_id_ = std::move(id);
    }
    const bool begins = window.has_from() && subject_.request().now() < window.from();
    if (begins && (!next_begin_ || window.from() < *next_begin_)) {
      next_begin_ = window.from();
    }
    return true;
  }
  Wish taken = wish();
  if (HasNothingToDo(id, taken)) {
    Trace(step, false, std::string(kNothingToDo));
    return true;
  }
  Trace(step, true, decided ? "would match; " + id_ + " comes first" : "matches");
  if (decided) return true;
  wish_ = std::move(taken);
  id_ = std::move(id);
  return explain_;
}

Matching::Wish Matching::WishOf(const compiled::Candidate& candidate) const {
  if (candidate.rule == nullptr) return {EntryIntent(snapshot_, *candidate.entry)};
  return {compiled::Instantiate(*candidate.rule, candidate.captures),
          candidate.rule,
          {candidate.captures.begin(), candidate.captures.end()}};
}

// Returns whether to look further.
bool Matching::Visit(const compiled::Candidate& candidate) {
  const bool decided = !id_.empty();
  if (candidate.rule == nullptr) {
    const compiled::MapEntry& entry = *candidate.entry;
    std::string id = EntryId(snapshot_, entry);
    const std::string step = "map." + id;
    return Take(step, std::move(id), snapshot_.maps[entry.map].intents[entry.code],
                [&] { return WishOf(candidate); });
  }
  const compiled::Rule& rule = *candidate.rule;
  // What a shadow rule or a runner-up reads does not change the answer.
  compiled::LookedAt ignored;
  const compiled::Unmet unmet =
      compiled::Check(rule, subject_, decided || rule.shadow ? ignored : looked_at_);
  if (unmet.member != nullptr) {
    if (explain_) Trace("rule." + rule.id, false, Explain(unmet));
    return true;
  }
  if (rule.shadow && !decided) {
    const Wish wish = WishOf(candidate);
    if (HasNothingToDo(rule.id, wish)) {
      Trace("rule." + rule.id, false, std::string(kNothingToDo));
    } else {
      Shadow(rule, wish);
    }
    return true;
  }
  return Take("rule." + rule.id, rule.id, rule.intent, [&] { return WishOf(candidate); });
}

void Matching::NoMatch() {
  out_.Clear();  // It may hold an earlier answer.
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
  if (decide::ForwardedProtoDiffers(subject_.http().headers(), subject_.url())) {
    decide::AddWarning(v1::WARNING_CODE_FORWARDED_PROTO_DIFFERS, {}, out_);
  }
  AddFields();
}

std::string& Matching::AddField(const decide::FieldName& name) {
  // RFC 9113 §8.2.1, RFC 9114 §4.2.
  const v1::Protocol protocol = subject_.http().protocol();
  const bool lower_case = protocol == v1::PROTOCOL_HTTP_2 || protocol == v1::PROTOCOL_HTTP_3;
  v1::Header& header = *out_.add_headers();
  header.set_name(std::string(lower_case ? name.lower : name.title));
  return *header.mutable_value();
}

// After PASS the backend's own answer depends on these fields, too, and is the one that a drawn key
// goes with. A shared cache would give that key to everybody.
void Matching::AddFields() {
  if (!looked_at_.assigned.empty()) AddField(decide::kCacheControl) = "private";
  if (looked_at_.fields.empty()) return;
  std::string& vary = AddField(decide::kVary);
  for (const std::string& name : looked_at_.fields) vary += (vary.empty() ? "" : ", ") + name;
  for (const v1::StickyKey* key : looked_at_.assigned) {
    decide::AppendAssigned(*key, subject_.request().draw(), subject_.url(),
                           AddField(decide::kSetCookie));
  }
}

bool Matching::Answer(v1::Error& error) {
  if (!looked_at_.assigned.empty() && !subject_.request().has_draw()) {
    error.Clear();
    message::Violations violations(error);
    violations.Add("draw", decide::kDrawExpected);
    return violations.Finish();
  }
  if (id_.empty() && sleeping_id_.empty()) {
    NoMatch();
    return true;
  }
  if (id_.empty()) {
    // The core says that the window is not open; what other rules looked at matters all the same.
    decide::Input input = InputFor(sleeping_id_, sleeping_);
    input.assigned = looked_at_.assigned;
    if (!decide::Decide(input, out_, error)) return false;
    if (out_.outcome() == v1::OUTCOME_PASS && out_.headers().empty()) AddFields();
    return true;
  }
  if (next_begin_) {
    // The answer holds until another rule takes over: that caps its freshness.
    v1::Window& window = *wish_.intent.mutable_window();
    if (!window.has_until() || *next_begin_ < window.until()) {
      *window.mutable_until() = *next_begin_;
    }
  }
  decide::Input input = InputFor(id_, wish_);
  input.looked_at_fields = looked_at_.fields;
  input.assigned = looked_at_.assigned;
  return decide::Decide(input, out_, error);
}

bool Matching::Run(v1::Error& error) {
  if (!http::IsHttps(subject_.url()) &&
      compiled::RequiresHttps(snapshot_, subject_.hosts(), subject_.path())) {
    wish_.intent.set_purpose(v1::PURPOSE_HTTPS_UPGRADE);
    wish_.intent.set_trust(v1::TRUST_POLICY);
    id_ = "https";
    Trace("defaults.require_https", true, "the request came by http");
  } else {
    snapshot_.rules.Visit(
        subject_, [this](const compiled::Candidate& candidate) { return Visit(candidate); });
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

bool DecideMatched(const compiled::Snapshot& snapshot, const compiled::Subject& subject,
                   v1::DecideResponse& out, v1::Error& error) {
  return Matching(snapshot, subject, out).Run(error);
}

}  // namespace fingerpost::policy::resolve

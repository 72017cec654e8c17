#include "policy/resolve/matching.h"

#include <absl/strings/str_join.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/decide/decide.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "core/message/enum_names.h"
#include "policy/compiled/captures.h"
#include "policy/compiled/kept_query.h"

namespace fingerpost::policy::resolve {
namespace {

using google::protobuf::Timestamp;

constexpr size_t kMaxShadowRules = 16;  // As in policy.proto, so that answers stay small.
constexpr size_t kMaxTraced = 64;       // Of candidates, for people to read.
constexpr std::string_view kNothingToDo = "finds nothing to do: the URL is its target already";

std::string EntryId(const compiled::Snapshot& snapshot, const compiled::MapEntry& entry) {
  return snapshot.maps[entry.map].name + ':' + std::to_string(entry.line);
}

std::string Explain(const compiled::Unmet& unmet, const compiled::Rule& rule) {
  std::string text = std::string("match.") + unmet.member;
  if (text == "match.not") return text + '[' + std::to_string(unmet.exception) + "] holds";
  if (!unmet.name.empty()) text.append("[").append(unmet.name).append("]");
  text += " does not hold";
  if (text.starts_with("match.methods "))
    text += ": it is for " + absl::StrJoin(rule.methods, ", ");
  return text;
}

std::string Matches(const decide::Wish& wish, const compiled::Rule* rule) {
  if (wish.pass) return "matches, and leaves the request alone";
  if (rule == nullptr) {
    return wish.taken_query.empty() ? "matches" : "matches, and takes the parameters of its source";
  }
  const std::string captured = compiled::CapturedElsewhere(*rule);
  return captured.empty() ? "matches" : "matches, and captures " + captured;
}

bool HasNotBegun(const v1::Window& window, const Timestamp& now) {
  return window.has_from() && now < window.from();
}

// Whether the rule is inactive: before its window, or after one with PASS. Without `now` the core
// reports that it is needed.
bool Sleeps(const v1::Window& window, const v1::DecideRequest& asked) {
  if (!asked.has_now()) return false;
  return HasNotBegun(window, asked.now()) ||
         (window.has_until() && window.afterwards() == v1::AFTER_WINDOW_PASS &&
          asked.now() >= window.until());
}

// Whether one of the fields may be absent over http alone: Secure cookies (RFC 6265bis §4.1.2.5),
// Sec- fields (Fetch Metadata §2), and credentials, which are for one scheme (RFC 9110 §11.5).
bool DependsOnHttps(const std::vector<std::string_view>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](std::string_view name) {
    return http::EqualsIgnoreCase(name, "Cookie") ||
           http::EqualsIgnoreCase(name, "Authorization") ||
           http::StartsWithIgnoreCase(name, "Sec-");
  });
}

// One request on its way through the rules.
class Matching {
 public:
  Matching(const compiled::Snapshot& snapshot, const compiled::Subject& subject, Matched* matched)
      : snapshot_(snapshot),
        subject_(subject),
        matched_(matched),
        defaults_(compiled::DefaultsOf(snapshot, subject.hosts())),
        explain_(subject.asked().explain()) {}

  std::optional<decide::Wish> Run();

 private:
  void AnswerHttp();
  void AnswerRules();
  void VisitRules();
  // Each returns whether to go on.
  bool Visit(const compiled::Candidate& candidate);
  bool VisitRule(const compiled::Rule& rule, const compiled::Candidate& candidate);
  bool Take(const compiled::Candidate& candidate, decide::Wish wish);

  void Choose(decide::Wish wish);
  void Choose(decide::Wish wish, Matched::By by);
  void Sleep(decide::Wish wish);
  void Shadow(const compiled::Rule& rule, const decide::Wish& wish);
  [[nodiscard]] bool HasNothingToDo(const decide::Wish& wish) const;
  [[nodiscard]] uint32_t PlaceOf(const compiled::Rule& rule) const {
    return static_cast<uint32_t>(&rule - snapshot_.rules.rules().data());
  }
  [[nodiscard]] bool decided() const { return chosen_ && !chosen_->asleep; }
  [[nodiscard]] decide::Wish Blank() const;
  [[nodiscard]] decide::Wish UpgradeToHttps() const;
  [[nodiscard]] decide::Wish LeadTo(const http::Url& canonical) const;
  [[nodiscard]] std::optional<http::Url> Canonicalised(bool secure) const;
  [[nodiscard]] decide::Wish WishOf(const compiled::MapEntry& entry) const;
  [[nodiscard]] decide::Wish WishOf(const compiled::Rule& rule,
                                    std::span<const std::string_view> captures) const;
  void Trace(std::string_view kind, std::string_view id, bool matched, std::string_view detail);

  const compiled::Snapshot& snapshot_;
  const compiled::Subject& subject_;
  Matched* const matched_;  // May be null.
  const v1::Defaults& defaults_;
  const bool explain_;
  const compiled::Candidate* candidate_ = nullptr;  // Is visited now.
  // The wish that decides, or else the first that would at another time.
  std::optional<decide::Wish> chosen_;
  std::optional<Timestamp> next_begin_;  // The next instant at which another rule decides.
  bool lacks_ = false;                   // What comes next is elsewhere.
  decide::LookedAt looked_at_;
  std::vector<std::string_view> shadow_;
  std::vector<v1::TraceStep> trace_;
};

void Matching::Trace(std::string_view kind, std::string_view id, bool matched,
                     std::string_view detail) {
  if (!explain_ || trace_.size() >= kMaxTraced) return;
  v1::TraceStep& step = trace_.emplace_back();
  step.mutable_rule()->append(kind).append(id);
  step.set_matched(matched);
  step.set_detail(detail.data(), detail.size());
  const std::string_view name = step.rule();
  auto origin = snapshot_.origins.find(name);
  if (origin == snapshot_.origins.end()) {  // A row is "map.NAME:LINE".
    origin = snapshot_.origins.find(name.substr(0, name.rfind(':')));
  }
  if (origin != snapshot_.origins.end()) step.mutable_detail()->append("; in " + origin->second);
}

decide::Wish Matching::Blank() const {
  decide::Wish wish(defaults_, snapshot_.version);
  wish.matched = true;
  if (defaults_.has_query()) wish.query = &defaults_.query();
  return wish;
}

decide::Wish Matching::UpgradeToHttps() const {
  decide::Wish wish = Blank();
  wish.rule = "https";
  v1::Intent& intent = wish.intent.Own({});
  intent.set_purpose(v1::PURPOSE_HTTPS_UPGRADE);
  intent.set_trust(v1::TRUST_POLICY);
  return wish;
}

// The query is the core's to keep.
decide::Wish Matching::LeadTo(const http::Url& canonical) const {
  decide::Wish wish = Blank();
  wish.rule = "canonical";
  wish.query = nullptr;
  v1::Intent& intent = wish.intent.Own({});
  intent.set_purpose(v1::PURPOSE_CANONICAL_URL);
  intent.set_trust(v1::TRUST_POLICY);
  const std::string_view path = canonical.get_pathname();
  // A path that begins with "//" would be read as a host.
  const bool needs_host =
      path.starts_with("//") || !http::SameOrigin(canonical, *subject_.request().target_uri());
  const std::string_view target = needs_host ? canonical.get_href() : path;
  intent.set_target(target.data(), target.size());
  return wish;
}

decide::Wish Matching::WishOf(const compiled::MapEntry& entry) const {
  decide::Wish wish = Blank();
  wish.rule = EntryId(snapshot_, entry);
  wish.taken_query = entry.query;
  wish.intent.Borrow(snapshot_.maps[entry.map].intents[entry.code]);
  wish.target = entry.target;
  return wish;
}

decide::Wish Matching::WishOf(const compiled::Rule& rule,
                              std::span<const std::string_view> captures) const {
  decide::Wish wish = Blank();
  wish.rule = rule.id;
  if (rule.pass) {
    wish.pass = rule.reason;
    return wish;
  }
  wish.query = compiled::QueryOf(rule, defaults_);
  wish.captured = compiled::AllCaptured(rule, captures, subject_);
  if (!rule.captured_values.empty()) wish.taken_query = compiled::CapturedQuery(rule, subject_);
  if (rule.has_texts) {
    wish.intent.Own(compiled::Instantiate(rule, wish.captured));
  } else {
    wish.intent.Borrow(rule.intent);
  }
  wish.captures = rule.captures;
  return wish;
}

// The answer of a rule in shadow mode, for people, without the parts of a URL that may be secret.
std::string WouldAnswer(const message::Done& done, const v1::DecideResponse& would) {
  std::string text = "in shadow mode; would answer ";
  if (!done) return text + "with the error " + done.error().message();
  text += message::ShortEnumName(would.outcome());
  if (would.status() != 0) text += ' ' + std::to_string(would.status());
  if (const auto target = http::ParseUrl(would.target())) text += " to " + http::Redacted(*target);
  return text;
}

// Finds the answer that a rule in shadow mode would have given.
void Matching::Shadow(const compiled::Rule& rule, const decide::Wish& wish) {
  // A rule is visited for each of its hosts that matches.
  if (std::find(shadow_.begin(), shadow_.end(), rule.id) != shadow_.end()) return;
  const bool is_named = shadow_.size() < kMaxShadowRules;
  if (is_named) shadow_.emplace_back(rule.id);
  const bool is_counted = is_named && matched_ != nullptr;
  if (!is_counted && !explain_) return;
  v1::DecideResponse would;
  message::Faults faults;
  v1::DecideRequest asked;
  if (subject_.asked().has_now()) *asked.mutable_now() = subject_.asked().now();
  if (subject_.asked().has_draw()) asked.set_draw(subject_.asked().draw());
  // Nobody reads them, and they are half of the cost.
  asked.add_omit(v1::ANSWER_PART_TEXTS);
  asked.add_omit(v1::ANSWER_PART_BODY);
  const auto done = decide::Decide(asked, subject_.request(), wish, faults, would);
  if (is_counted) {
    matched_->in_shadow.push_back({.rule = PlaceOf(rule),
                                   .outcome = done ? would.outcome() : v1::OUTCOME_UNSPECIFIED,
                                   .status = done ? would.status() : 0});
  }
  if (explain_) Trace("rule.", rule.id, true, WouldAnswer(done, would));
}

// Without `now` the core reports that it is needed.
bool Matching::HasNothingToDo(const decide::Wish& wish) const {
  if (!wish.intent || !compiled::OnlyCanonicalises(*wish.intent)) return false;
  if (wish.intent->has_window() && !subject_.asked().has_now()) return false;
  return decide::LeadsToItself(subject_.asked(), subject_.request(), wish);
}

void Matching::Sleep(decide::Wish wish) {
  const v1::Window& window = wish.intent->window();
  if (HasNotBegun(window, subject_.asked().now()) &&
      (!next_begin_ || window.from() < *next_begin_)) {
    next_begin_ = window.from();
  }
  if (chosen_) return;
  wish.asleep = true;
  Choose(std::move(wish));
}

// The rule or map entry that is visited.
void Matching::Choose(decide::Wish wish) {
  const compiled::Rule* rule = candidate_->rule;
  if (matched_ != nullptr && rule == nullptr) matched_->map = candidate_->entry->map;
  if (matched_ != nullptr) {
    matched_->place = rule != nullptr ? PlaceOf(*rule) : candidate_->entry->line;
  }
  Choose(std::move(wish), rule != nullptr ? Matched::By::kRule : Matched::By::kRow);
}

void Matching::Choose(decide::Wish wish, Matched::By by) {
  chosen_.emplace(std::move(wish));
  if (matched_ != nullptr) matched_->by = by;
}

// Takes a rule or a map entry whose conditions hold.
bool Matching::Take(const compiled::Candidate& candidate, decide::Wish wish) {
  const std::string_view kind = candidate.rule != nullptr ? "rule." : "map.";
  if (wish.intent && wish.intent->has_window() && Sleeps(wish.intent->window(), subject_.asked())) {
    Trace(kind, wish.rule, false, "matches, but not at this time");
    if (!decided()) Sleep(std::move(wish));
    return true;
  }
  if (HasNothingToDo(wish)) {
    Trace(kind, wish.rule, false, kNothingToDo);
    return true;
  }
  if (decided()) {
    Trace(kind, wish.rule, true, "would match; " + chosen_->rule + " comes first");
    return true;
  }
  if (explain_) Trace(kind, wish.rule, true, Matches(wish, candidate.rule));
  Choose(std::move(wish));
  return explain_;
}

bool Matching::VisitRule(const compiled::Rule& rule, const compiled::Candidate& candidate) {
  // The fields that a shadow rule or a runner-up reads do not change the answer.
  decide::LookedAt ignored;
  const compiled::Unmet unmet =
      compiled::Check(rule, subject_, decided() || rule.shadow ? ignored : looked_at_);
  if (unmet.member != nullptr) {
    if (explain_) Trace("rule.", rule.id, false, Explain(unmet, rule));
    return true;
  }
  decide::Wish wish = WishOf(rule, candidate.captures);
  if (!rule.shadow || decided()) return Take(candidate, std::move(wish));
  if (HasNothingToDo(wish)) {
    Trace("rule.", rule.id, false, kNothingToDo);
  } else {
    Shadow(rule, wish);
  }
  return true;
}

bool Matching::Visit(const compiled::Candidate& candidate) {
  candidate_ = &candidate;
  if (candidate.rule != nullptr) return VisitRule(*candidate.rule, candidate);
  if (!candidate.entry) {
    lacks_ = true;
    return false;
  }
  return Take(candidate, WishOf(*candidate.entry));
}

void Matching::VisitRules() {
  snapshot_.rules.Visit(subject_,
                        [this](const compiled::Candidate& candidate) { return Visit(candidate); });
}

std::optional<http::Url> Matching::Canonicalised(bool secure) const {
  return compiled::Canonicalised(snapshot_, *subject_.request().target_uri(), subject_.hosts(),
                                 subject_.path(), secure);
}

// Over https, and in its right form in the same hop where no rule would answer there. A host that
// browsers are to preload leads to https on the same host first (hstspreload.org), and so does a
// URL whose rules read what http does not carry.
void Matching::AnswerHttp() {
  const auto canonical = defaults_.hsts().preload() ? std::nullopt : Canonicalised(true);
  if (canonical) VisitRules();
  shadow_.clear();
  if (matched_ != nullptr) matched_->in_shadow.clear();
  std::string detail = "the request came by http";
  const bool depends = DependsOnHttps(looked_at_.fields);
  if (depends) {
    detail += "; what a rule answers over https is not known";
    // Whatever the fields say, and whenever, the answer is the same.
    looked_at_ = {};
    next_begin_.reset();
  } else if (decided()) {
    detail += "; over https " + chosen_->rule + " answers";
  }
  Trace("defaults.", "require_https", true, detail);
  if (canonical && !decided() && !depends) {
    Choose(LeadTo(*canonical), Matched::By::kCanonical);
  } else {
    Choose(UpgradeToHttps(), Matched::By::kHttps);
  }
}

void Matching::AnswerRules() {
  VisitRules();
  if (decided() && !explain_) return;
  const auto canonical = Canonicalised(false);
  if (!canonical) return;
  const bool answers = !decided();
  Trace("defaults.", "canonical", true,
        answers ? "the URL has another form" : "would match; " + chosen_->rule + " comes first");
  if (answers) Choose(LeadTo(*canonical), Matched::By::kCanonical);
}

std::optional<decide::Wish> Matching::Run() {
  const bool by_http = defaults_.require_https() && !http::IsHttps(subject_.url());
  if (by_http && compiled::RequiresHttps(snapshot_, subject_.hosts(), subject_.path())) {
    AnswerHttp();
  } else {
    if (by_http) Trace("defaults.", "require_https", false, "https_exempt has the path");
    AnswerRules();
  }
  if (lacks_) return std::nullopt;
  if (!chosen_ && matched_ != nullptr) {
    matched_->by = shadow_.empty() ? Matched::By::kNothing : Matched::By::kShadow;
  }
  decide::Wish wish = chosen_ ? *std::move(chosen_) : Blank();
  if (!chosen_ && !shadow_.empty()) wish.rule = shadow_.front();
  if (!wish.asleep) wish.until = next_begin_;
  wish.looked_at = std::move(looked_at_);
  wish.shadow_rules = std::move(shadow_);
  wish.trace = std::move(trace_);
  return wish;
}

}  // namespace

std::optional<decide::Wish> Match(const compiled::Snapshot& snapshot,
                                  const compiled::Subject& subject, Matched* matched) {
  return Matching(snapshot, subject, matched).Run();
}

}  // namespace fingerpost::policy::resolve

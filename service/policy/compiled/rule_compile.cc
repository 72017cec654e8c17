#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>

#include "core/decide/intent_targets.h"
#include "policy/compiled/intent_faults.h"
#include "policy/compiled/kept_query.h"
#include "policy/compiled/names.h"
#include "policy/compiled/places.h"
#include "policy/compiled/rule.h"
#include "policy/compiled/rule_builder.h"
#include "policy/compiled/text_placeholders.h"

namespace fingerpost::policy::compiled {
namespace {

constexpr size_t kMaxReason = 1024;  // It is in the answer to each request that passes.

void CompileShare(RuleBuilder& b) {
  if (!b.match.has_share()) return;
  const v1::Share& share = b.match.share();
  if (!(share.percent() > 0) || share.percent() > 100) {
    b.faults.Error(b.InMatch("share.percent"), "expected a number above 0 and up to 100");
    return;
  }
  const auto source = share.sticky_key().source_case();
  if (source != v1::StickyKey::kField && source != v1::StickyKey::kCookie) {
    b.faults.Error(b.InMatch("share.sticky_key"),
                   "expected a field or a cookie that tells clients apart, such as {cookie: "
                   "session}");
    return;
  }
  CheckShareKey(share.sticky_key(), b.InMatch("share.sticky_key"), b.faults);
  b.rule.share = share;
  b.rule.share_threshold = ShareThreshold(share);
}

void CheckPlaceholders(RuleBuilder& b, const std::string& target, const message::Place& at) {
  std::vector<std::string_view> names;
  decide::CollectPlaceholders(target, names);
  for (const std::string_view name : names) {
    if (!IsCaptured(b, name)) return b.faults.Error(at, NotCaptured(b, name));
  }
  const std::string misplaced = decide::MisplacedPlaceholder(target, b.rule.captures);
  if (!misplaced.empty()) b.faults.Error(at, misplaced);
}

// Placeholders in texts are captures, too.
void CompileTexts(RuleBuilder& b, const message::Place& at) {
  for (const std::string_view name : TextPlaceholders(b.rule.intent)) {
    if (!IsCaptured(b, name)) {
      return b.faults.Error(at, "has a placeholder in a text: " + NotCaptured(b, name));
    }
    b.rule.has_texts = true;
  }
}

// Lets the core check the intent, with arbitrary captures.
void CheckOwnIntent(RuleBuilder& b) {
  const std::vector<std::string_view> samples(b.rule.captures.size(), "x");
  CheckIntent(Instantiate(b.rule, samples), b.policy.defaults(), b.Field("intent"), b.faults);
}

void CompilePass(RuleBuilder& b) {
  b.rule.pass = true;
  RefuseNamedGroups(b, "a rule that passes has no use for it");
  b.rule.reason = absl::StrJoin(
      absl::StrSplit(b.source.description(), absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty()), " ");
  if (!b.source.pass()) {
    b.faults.Error(b.Field("pass"),
                   "expected true; a rule that is not to pass has an intent or an intent_name");
  }
  if (b.rule.reason.size() > kMaxReason) {
    b.faults.Error(b.Field("description"),
                   "is longer than 1024 octets, and the reason of every answer of the rule; put "
                   "what is for readers of the document into a comment");
  }
}

void CompileWish(RuleBuilder& b) {
  message::Place at = b.Field("intent");
  switch (b.source.wish_case()) {
    case v1::Rule::kIntent:
      b.rule.intent = b.source.intent();
      CheckTrust(b.rule.intent, at, b.faults);
      break;
    case v1::Rule::kIntentName: {
      const auto named = b.policy.intents().find(b.source.intent_name());
      if (named == b.policy.intents().end()) {
        b.faults.Error(b.Field("intent_name"),
                       "names no intent of this document; expected " +
                           OneOf(b.policy.intents(), b.source.intent_name()));
        return;
      }
      b.rule.intent = named->second.intent();
      at = b.Field("intent_name");
      break;
    }
    case v1::Rule::kPass:
      return CompilePass(b);
    case v1::Rule::WISH_NOT_SET:
      b.faults.Error(b.at, "does nothing; give it an intent, an intent_name or pass: true");
      return;
  }
  b.rule.intent.set_trust(v1::TRUST_POLICY);
  b.rule.moves_all = MovesAll(b.rule);
  // A problem of a named intent's target stands where the rule names the intent.
  const bool own = b.source.has_intent();
  const size_t before = b.faults.errors();
  if (own) CheckTexts(b.rule.intent, at, b.faults);
  // An invalid pattern has no known captures.
  if (b.rule.path_kind != Rule::Path::kPattern || b.rule.pattern != nullptr) {
    decide::ForEachTarget(b.rule.intent, at,
                          [&](const message::Place& place, const std::string& target) {
                            CheckPlaceholders(b, target, own ? place : at);
                          });
    CompileTexts(b, at);
  }
  if (own && b.faults.errors() == before) CheckOwnIntent(b);
}

}  // namespace

Rule CompileRule(const v1::Policy& policy, int index, HostTable& hosts, RegexCompiler& regexes,
                 message::Faults& faults) {
  const message::Place at = kRulesPlace[index];
  RuleBuilder b = {.policy = policy,
                   .source = policy.rules(index),
                   .match = policy.rules(index).match(),
                   .at = at,
                   .match_at = at["match"],
                   .hosts = hosts,
                   .regexes = regexes,
                   .faults = faults,
                   .rule = {}};
  const size_t before = faults.errors();
  b.rule.id = b.source.id();
  b.rule.shadow = b.source.shadow();
  CheckName(b.source.id(), b.Field("id"), faults);
  CompileConditions(b);
  CompileCaptures(b);
  CompileExceptions(b);
  CompileShare(b);
  CompileWish(b);
  b.rule.broken = faults.errors() > before;
  return std::move(b.rule);
}

}  // namespace fingerpost::policy::compiled

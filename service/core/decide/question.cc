#include "core/decide/question.h"

#include <algorithm>

#include "core/decide/intent_faults.h"
#include "core/decide/intent_targets.h"
#include "core/decide/not_ours.h"
#include "core/decide/placeholders.h"
#include "core/decide/question_faults.h"
#include "core/decide/request_query.h"
#include "core/decide/sticky_key.h"
#include "core/decide/target.h"
#include "core/decide/weights.h"
#include "core/http/fields.h"
#include "core/http/request.h"
#include "core/message/timestamp.h"

namespace fingerpost::decide {
namespace {

// Why the answer depends on request.url; empty if it does not.
std::string_view WhatNeedsUrl(const Question& question) {
  const v1::Intent& intent = question.intent;
  if (intent.purpose() == v1::PURPOSE_HTTPS_UPGRADE) return "required by https_upgrade";
  if (intent.has_flash()) return "required: the flash cookie depends on its scheme";
  if (intent.query().mode() > v1::QUERY_MODE_DROP) return "required: intent.query reads its query";
  if (intent.has_hsts()) return "required: Strict-Transport-Security depends on its scheme";
  if (intent.sticky_key().has_assign())
    return "required: the assigned cookie depends on its scheme";
  return {};
}

void CheckAgainstRequest(const Question& question, message::Violations& violations) {
  const v1::Intent& intent = question.intent;
  if (intent.purpose() == v1::PURPOSE_RESOURCE_CREATED &&
      http::IsSafeMethod(question.request.method) && !IsNotOurs(question)) {
    violations.Add(
        "intent.purpose",
        "a safe method creates nothing (RFC 9110 §9.2.1); resource_created answers POST, "
        "PUT and the like");
  }
  if (intent.trust() == v1::TRUST_POLICY && question.asked.has_intent()) {
    violations.Add("intent.trust",
                   "only a policy gives TRUST_POLICY; expected TRUST_CALLER when your own code "
                   "chose the target, else TRUST_END_USER");
  }
  if (intent.has_window() && !question.asked.has_now()) {
    violations.Add("now", "required with intent.window");
  }
}

// The first value of the key's source; if it is absent, the drawn key or "".
std::string_view ReadStickyKey(Question& question, message::Violations& violations) {
  const v1::StickyKey& key = question.intent.sticky_key();
  const http::Headers& headers = question.request.headers();
  if (key.has_text()) return key.text();
  const std::string_view name = key.has_field() ? std::string_view(key.field()) : "Cookie";
  const v1::Header* field = http::FindField(headers, name);
  if (field != nullptr && http::IsWithheld(*field)) {
    const auto index = static_cast<int>(
        std::find_if(headers.begin(), headers.end(),
                     [field](const v1::Header& header) { return &header == field; }) -
        headers.begin());
    violations.Add(http::ValuePath("request.headers", index, *field),
                   "required: intent.sticky_key reads it");
    return {};
  }
  if (key.has_field()) return field == nullptr ? std::string_view() : http::ValueOf(*field);
  if (!question.url || !Assigns(key, headers, *question.url)) {
    return http::CookieValue(headers, key.cookie()).value_or(std::string_view());
  }
  if (!question.asked.has_draw()) violations.Add("draw", kDrawExpected);
  question.key_was_drawn = true;
  question.drawn_key = DrawnKey(question.asked.draw());
  return question.drawn_key;
}

// A caller's value is a fault of the request; of a capture's the visitor knows nothing.
void TellFaults(const std::vector<ValueFault>& faults, ValueKind kind, std::string_view path,
                Target& target, message::Violations& violations) {
  for (const ValueFault& fault : faults) {
    std::string what(fault.what);
    if (!fault.name.empty()) what += kind == ValueKind::kParameter ? path : "the target";
    if (kind == ValueKind::kParameter) {
      violations.Add(fault.name.empty() ? std::string(path) : ParameterPath(fault.name), what);
    } else if (target.fault.empty()) {
      if (!fault.name.empty()) target.fault.append("{").append(fault.name).append("} ");
      target.fault += what;
    }
  }
}

// A rule's captures need not all be used; a caller's parameters must be.
void CheckUnused(const Question& question, message::Violations& violations) {
  if (question.wish.parameters->empty()) return;
  std::vector<std::string_view> used;
  ForEachTarget(question.intent, [&used](const std::string& /*path*/, const std::string& target) {
    CollectPlaceholders(target, used);
  });
  for (const std::string_view name : SortedNames(*question.wish.parameters)) {
    if (std::find(used.begin(), used.end(), name) == used.end()) {
      violations.Add(ParameterPath(name), "no target has a placeholder of this name");
    }
  }
}

// Checks a target that may be sent at another time, so that its faults do not wait until then.
void CheckOtherTarget(const Question& question, std::string_view text, std::string_view path,
                      message::Violations& violations) {
  std::string filled;
  Target target;
  if (ReadTargetText(question, text, path, filled, target, violations) && target.fault.empty()) {
    CheckTarget(question, target, path, violations);
  }
}

void ReadTarget(Question& question, message::Violations& violations) {
  const v1::Intent& intent = question.intent;
  std::string path = "intent.target";
  std::string_view text = intent.target();
  if (!intent.weighted_targets().empty()) {
    const int faults = violations.size();
    const std::string_view key = ReadStickyKey(question, violations);
    const int drawn = DrawTarget(intent, question.wish.rule, key);
    for (int i = 0; i < intent.weighted_targets_size(); ++i) {
      CheckOtherTarget(question, intent.weighted_targets(i).target(),
                       message::FieldPath("intent.weighted_targets", i, "target"), violations);
    }
    if (violations.size() != faults) return;
    path = message::FieldPath("intent.weighted_targets", drawn, "target");
    text = intent.weighted_targets(drawn).target();
  }
  if (text.empty()) {
    if (intent.purpose() == v1::PURPOSE_HTTPS_UPGRADE && question.url) {
      question.target = UpgradedToHttps(*question.url);
    }
    return;
  }
  question.target_text = text;
  if (!ReadTargetText(question, question.target_text, path, question.filled_text,
                      question.target.emplace(), violations)) {
    question.target.reset();
    return;
  }
  if (!question.target->fault.empty()) return;
  if (intent.purpose() == v1::PURPOSE_AUTHORIZATION_RESPONSE) {
    AddResponseParameters(intent, question.target->url);
  } else if (question.url) {
    AddRequestQuery(question, question.target->url);
  }
  CheckTarget(question, *question.target, path, violations);
}

void ReadAlternatives(Question& question, message::Violations& violations) {
  const auto& alternatives = question.intent.alternatives();
  question.alternatives.reserve(static_cast<size_t>(alternatives.size()));
  for (int i = 0; i < alternatives.size(); ++i) {
    const std::string path = message::FieldPath("intent.alternatives", i, "target");
    std::string filled;
    std::string_view text = alternatives[i].target();
    Target target;
    if (!ReadTargetText(question, text, path, filled, target, violations)) continue;
    if (target.fault.empty()) CheckTarget(question, target, path, violations);
    question.alternatives.push_back(std::move(target));
  }
}

}  // namespace

Question::Question(const v1::DecideRequest& asked, const http::Request& request, const Wish& wish)
    : asked(asked),
      request(request),
      wish(wish),
      intent(wish.intent ? *wish.intent : v1::Intent::default_instance()),
      values(wish.values()),
      url(request.target_uri()) {}

bool ReadTargetText(const Question& question, std::string_view& text, std::string_view path,
                    std::string& filled, Target& target, message::Violations& violations) {
  target.literal = text;
  if (!question.values.empty() && text.find('{') != std::string_view::npos) {
    target.literal = BeforePlaceholders(text);
    std::vector<ValueFault> faults;
    filled = FillPlaceholders(text, question.values, faults);
    text = filled;
    TellFaults(faults, question.values.kind(), path, target, violations);
    if (!faults.empty()) return !target.fault.empty();
  }
  return ResolveTarget(question, text, path, target, violations);
}

void ReadTargets(Question& question, message::Violations& violations) {
  ReadTarget(question, violations);
  if (!question.intent.fallback_target().empty()) {
    CheckOtherTarget(question, question.intent.fallback_target(), "intent.fallback_target",
                     violations);
  }
  if (question.intent.purpose() == v1::PURPOSE_CHOICES) ReadAlternatives(question, violations);
}

void ReadQuestion(Question& question, message::Violations& violations) {
  const std::string_view why = WhatNeedsUrl(question);
  if (!why.empty()) http::RequireUrl(question.request, why, violations);
  const int faults = violations.size();
  CheckIntent(question.intent, question.wish.defaults, "intent", violations);
  CheckAgainstRequest(question, violations);
  if (!question.wish.matched) {  // Else the policy has checked them before it matched.
    CheckParameters(*question.wish.parameters, violations);
    CheckUnused(question, violations);
    message::CheckNow(question.asked, violations);
  }
  // A target is resolved only if it and its base are sound.
  if (violations.size() == faults && !question.request.has_bad_url()) {
    ReadTargets(question, violations);
  }
}

}  // namespace fingerpost::decide

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
#include "core/message/omitted.h"
#include "core/message/timestamp.h"

namespace fingerpost::decide {
namespace {

// Why the answer depends on request.url; empty if it does not.
std::string_view WhatNeedsUrl(const Question& question) {
  const v1::Intent& intent = question.intent;
  if (intent.purpose() == v1::PURPOSE_HTTPS_UPGRADE) return "required by https_upgrade";
  if (intent.has_flash()) return "required: the flash cookie depends on its scheme";
  if (intent.query().mode() > v1::QUERY_MODE_DROP) return "required: intent.query reads its query";
  if (!intent.cookies().empty()) return "required: the cookies depend on its scheme and host";
  if (intent.has_hsts()) return "required: Strict-Transport-Security depends on its scheme";
  if (intent.sticky_key().has_assign())
    return "required: the assigned cookie depends on its scheme";
  return {};
}

void CheckAgainstRequest(const Question& question, message::Faults& faults) {
  const v1::Intent& intent = question.intent;
  if (intent.purpose() == v1::PURPOSE_RESOURCE_CREATED &&
      http::IsSafeMethod(question.request.method) && !IsNotOurs(question)) {
    faults.Error("intent.purpose",
                 "a safe method creates nothing (RFC 9110 §9.2.1); resource_created answers POST, "
                 "PUT and the like");
  }
  if (intent.trust() == v1::TRUST_POLICY && question.asked.has_intent()) {
    faults.Error("intent.trust",
                 "only a policy gives TRUST_POLICY; expected TRUST_CALLER when your own code "
                 "chose the target, else TRUST_END_USER");
  }
  if (intent.has_window() && !question.asked.has_now()) {
    faults.Error("now", "required with intent.window");
  }
}

// The first value of the key's source; if it is absent, the drawn key or "".
std::string_view ReadStickyKey(Question& question, message::Faults& faults) {
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
    const message::Place fields("request.headers");
    faults.Error(fields.Element(index, http::ValueMember(*field)),
                 "required: intent.sticky_key reads it");
    return {};
  }
  if (key.has_field()) return field == nullptr ? std::string_view() : http::ValueOf(*field);
  if (!question.url || !Assigns(key, headers, *question.url)) {
    return http::CookieValue(headers, key.cookie()).value_or(std::string_view());
  }
  if (!question.asked.has_draw()) faults.Error("draw", kDrawExpected);
  question.key_was_drawn = true;
  question.drawn_key = DrawnKey(question.asked.draw());
  return question.drawn_key;
}

// A caller's value is a fault of the request; of a capture's the visitor knows nothing.
void TellFaults(const std::vector<ValueFault>& found, bool are_parameters, const message::Place& at,
                Target& target, message::Faults& faults) {
  for (const ValueFault& fault : found) {
    std::string what(fault.what);
    if (!fault.name.empty()) what += are_parameters ? ToString(at) : "the target";
    if (are_parameters) {
      faults.Error(fault.name.empty() ? at : kParametersPlace.QuotedKey(fault.name), what);
    } else if (target.fault.empty()) {
      if (!fault.name.empty()) target.fault.append("{").append(fault.name).append("} ");
      target.fault += what;
    }
  }
}

bool CapturesHost(const Wish& wish) {
  return std::any_of(wish.captures.begin(), wish.captures.end(),
                     [](const Capture& capture) { return capture.kind == ValueKind::kHost; });
}

// A rule's captures need not all be used; a caller's parameters must be.
void CheckUnused(const Question& question, message::Faults& faults) {
  if (question.wish.parameters->empty()) return;
  std::vector<std::string_view> used;
  ForEachTarget(question.intent, {}, [&used](const message::Place&, const std::string& target) {
    CollectPlaceholders(target, used);
  });
  for (const std::string_view name : SortedNames(*question.wish.parameters)) {
    if (std::find(used.begin(), used.end(), name) == used.end()) {
      faults.Error(kParametersPlace.QuotedKey(name), "no target has a placeholder of this name");
    }
  }
}

// Checks a target that may be sent at another time, so that its faults do not wait until then.
void CheckOtherTarget(const Question& question, std::string_view text, const message::Place& at,
                      message::Faults& faults) {
  std::string filled;
  Target target;
  if (ReadTargetText(question, text, at, filled, target, faults) && target.fault.empty()) {
    CheckTarget(question, target, at, faults);
  }
}

void ReadTarget(Question& question, message::Faults& faults) {
  const v1::Intent& intent = question.intent;
  const message::Place weighted("intent.weighted_targets");
  message::Place at("intent.target");
  std::string_view text = question.WrittenTarget();
  if (!intent.weighted_targets().empty()) {
    const size_t before = faults.errors();
    const std::string_view key = ReadStickyKey(question, faults);
    const int drawn = DrawTarget(intent, question.wish.rule, key);
    for (int i = 0; i < intent.weighted_targets_size(); ++i) {
      CheckOtherTarget(question, intent.weighted_targets(i).target(), weighted.Element(i, "target"),
                       faults);
    }
    if (faults.errors() != before) return;
    at = weighted.Element(drawn, "target");
    text = intent.weighted_targets(drawn).target();
  }
  if (text.empty()) {
    if (intent.purpose() == v1::PURPOSE_HTTPS_UPGRADE && question.url) {
      question.target = UpgradedToHttps(*question.url);
    }
    return;
  }
  question.target_text = text;
  if (!ReadTargetText(question, question.target_text, at, question.filled_text,
                      question.target.emplace(), faults)) {
    question.target.reset();
    return;
  }
  if (!question.target->fault.empty()) return;
  if (intent.purpose() == v1::PURPOSE_AUTHORIZATION_RESPONSE) {
    AddResponseParameters(intent, question.target->url);
  } else if (question.url) {
    AddRequestQuery(question, question.target->url);
  }
  CheckTarget(question, *question.target, at, faults);
}

void ReadAlternatives(Question& question, message::Faults& faults) {
  const auto& alternatives = question.intent.alternatives();
  const message::Place list("intent.alternatives");
  question.alternatives.reserve(static_cast<size_t>(alternatives.size()));
  for (int i = 0; i < alternatives.size(); ++i) {
    const message::Place at = list.Element(i, "target");
    std::string filled;
    std::string_view text = alternatives[i].target();
    Target target;
    if (!ReadTargetText(question, text, at, filled, target, faults)) continue;
    if (target.fault.empty()) CheckTarget(question, target, at, faults);
    question.alternatives.push_back(std::move(target));
  }
}

// They are literal texts, which CheckLinks has judged.
void ReadLinks(Question& question, message::Faults& faults) {
  const message::Place list("intent.links");
  for (int i = 0; i < question.intent.links_size(); ++i) {
    const std::string& text = question.intent.links(i).target();
    Target target;
    target.literal = text;
    if (!ResolveTarget(question, text, list.Element(i, "target"), target, faults)) return;
    question.links.push_back(std::move(target));
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

bool ReadTargetText(const Question& question, std::string_view& text, const message::Place& at,
                    std::string& filled, Target& target, message::Faults& faults) {
  target.literal = text;
  if (!question.values.empty() && text.find('{') != std::string_view::npos) {
    target.literal = BeforePlaceholders(text);
    target.captured_host = CapturesHost(question.wish) && HostAfterPlaceholder(text).has_value();
    std::vector<ValueFault> found;
    filled = FillPlaceholders(text, question.values, found);
    text = filled;
    TellFaults(found, question.values.are_parameters(), at, target, faults);
    if (!found.empty()) return !target.fault.empty();
  }
  return ResolveTarget(question, text, at, target, faults);
}

void ReadTargets(Question& question, message::Faults& faults) {
  ReadTarget(question, faults);
  if (!question.intent.fallback_target().empty()) {
    CheckOtherTarget(question, question.intent.fallback_target(), "intent.fallback_target", faults);
  }
  if (question.intent.purpose() == v1::PURPOSE_CHOICES) ReadAlternatives(question, faults);
  ReadLinks(question, faults);
}

void ReadQuestion(Question& question, message::Faults& faults) {
  const std::string_view why = WhatNeedsUrl(question);
  if (!why.empty()) http::RequireUrl(question.request, why, faults);
  const size_t before = faults.errors();
  CheckIntent(question.intent, question.WrittenTarget(), question.wish.defaults, "intent", faults);
  CheckAgainstRequest(question, faults);
  if (!question.wish.matched) {  // Else the policy has checked them before it matched.
    CheckParameters(*question.wish.parameters, faults);
    CheckUnused(question, faults);
    message::CheckNow(question.asked, faults);
    message::CheckOmit(question.asked.omit(), faults);
  }
  // A target is resolved only if it and its base are sound.
  if (faults.errors() == before && !question.request.has_bad_url()) {
    ReadTargets(question, faults);
  }
}

}  // namespace fingerpost::decide

#include "policy/compiled/rule.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>

#include "core/decide/sticky_key.h"
#include "core/http/accept_language.h"
#include "core/http/client_kind.h"
#include "core/http/fields.h"
#include "policy/compiled/captures.h"
#include "policy/compiled/exceptions.h"
#include "policy/compiled/text_placeholders.h"

namespace fingerpost::policy::compiled {
namespace {

void Remember(std::string_view name, decide::LookedAt& looked_at) {
  auto& names = looked_at.fields;
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

bool MethodHolds(const Conditions& conditions, std::string_view method) {
  const std::vector<std::string>& methods = conditions.methods;
  return methods.empty() ||
         std::any_of(methods.begin(), methods.end(), [&](const std::string& allowed) {
           return allowed == method || (allowed == "GET" && method == "HEAD");
         });
}

bool ClientHolds(const Conditions& conditions, const http::Request& request,
                 decide::LookedAt& looked_at) {
  const std::vector<v1::ClientKind>& clients = conditions.clients;
  if (clients.empty()) return true;
  const http::ClientReading& client = request.client();
  for (const std::string_view name : client.looked_at) Remember(name, looked_at);
  const auto named = [&clients](v1::ClientKind kind) {
    return std::find(clients.begin(), clients.end(), kind) != clients.end();
  };
  return named(client.kind) || (http::IsPageScript(client.kind) && named(v1::CLIENT_KIND_SCRIPT));
}

void RememberAssigned(const v1::StickyKey& key, decide::LookedAt& looked_at) {
  const auto is_same = [&key](const v1::StickyKey* other) {
    return other->cookie() == key.cookie();
  };
  if (std::none_of(looked_at.assigned.begin(), looked_at.assigned.end(), is_same)) {
    looked_at.assigned.push_back(&key);
  }
}

bool ShareHolds(const Rule& rule, const Subject& subject, decide::LookedAt& looked_at) {
  const http::Headers& headers = subject.request().headers();
  const v1::StickyKey& key = rule.share->sticky_key();
  const bool by_cookie = key.source_case() == v1::StickyKey::kCookie;
  Remember(by_cookie ? std::string_view("Cookie") : key.field(), looked_at);
  if (decide::Assigns(key, headers, subject.url())) {
    RememberAssigned(key, looked_at);
    return IsInShare(rule.id, decide::DrawnKey(subject.asked().draw()), rule.share_threshold);
  }
  const auto value =
      by_cookie ? http::CookieValue(headers, key.cookie()) : http::FieldValue(headers, key.field());
  return IsInShare(rule.id, value.value_or(std::string_view()), rule.share_threshold);
}

}  // namespace

Unmet CheckTarget(const Conditions& conditions, const Subject& subject) {
  if (!MethodHolds(conditions, subject.request().method)) return {"methods"};
  for (const ValueCondition& test : conditions.query) {
    if (!test.Holds(subject.QueryValue(test.name()))) return {"query", test.name()};
  }
  return {};
}

Unmet CheckFields(const Conditions& conditions, const Subject& subject,
                  decide::LookedAt& looked_at) {
  const http::Headers& headers = subject.request().headers();
  for (const ValueCondition& test : conditions.fields) {
    Remember(test.name(), looked_at);
    if (!test.Holds(http::FieldValue(headers, test.name()))) return {"fields", test.name()};
  }
  for (const ValueCondition& test : conditions.cookies) {
    Remember("Cookie", looked_at);
    if (!test.Holds(http::CookieValue(headers, test.name()))) return {"cookies", test.name()};
  }
  if (!ClientHolds(conditions, subject.request(), looked_at)) return {"clients"};
  if (conditions.languages) {
    Remember(http::kAcceptLanguage, looked_at);
    if (!Preferred(*conditions.languages, subject)) return {"accept_language"};
  }
  return {};
}

Unmet Check(const Rule& rule, const Subject& subject, decide::LookedAt& looked_at) {
  if (const Unmet unmet = CheckTarget(rule, subject); unmet.member != nullptr) return unmet;
  if (const auto i = FirstException(rule, Reading::kNoField, subject, looked_at)) {
    return {.member = "not", .exception = *i};
  }
  if (const Unmet unmet = CheckFields(rule, subject, looked_at); unmet.member != nullptr) {
    return unmet;
  }
  if (const auto i = FirstException(rule, Reading::kFields, subject, looked_at)) {
    return {.member = "not", .exception = *i};
  }
  if (rule.share && !ShareHolds(rule, subject, looked_at)) return {"share"};
  return {};
}

v1::Intent Instantiate(const Rule& rule, std::span<const std::string_view> captured) {
  v1::Intent intent = rule.intent;
  if (rule.has_texts) {
    const decide::Values values(rule.captures, captured);
    const auto text = [&values](std::string_view name) {
      return CapturedText(values.Find(name).value_or(decide::Values::Value{}));
    };
    FillTexts(text, intent);
  }
  return intent;
}

bool OnlyCanonicalises(const v1::Intent& intent) {
  return intent.purpose() == v1::PURPOSE_CANONICAL_URL ||
         intent.purpose() == v1::PURPOSE_HTTPS_UPGRADE;
}

bool MaySleep(const v1::Intent& intent) {
  return intent.window().has_from() ||
         (intent.window().has_until() && intent.window().afterwards() == v1::AFTER_WINDOW_PASS);
}

uint32_t ShareThreshold(const v1::Share& share) {
  constexpr double kPerPercent = 10000;  // Out of a million.
  return static_cast<uint32_t>(std::lround(share.percent() * kPerPercent));
}

bool IsInShare(std::string_view rule, std::string_view key, uint32_t threshold) {
  std::string text(rule);
  text += '\0';
  text += key;
  const uint64_t hash = XXH64(text.data(), text.size(), 0);
  constexpr uint64_t kMillion = 1'000'000;
  // floor(hash * 10^6 / 2^64) without 128-bit arithmetic: the high and low halves of the hash.
  const uint64_t low = (hash & 0xFFFFFFFF) * kMillion;
  const uint64_t bucket = ((hash >> 32) * kMillion + (low >> 32)) >> 32;
  return bucket < threshold;
}

}  // namespace fingerpost::policy::compiled

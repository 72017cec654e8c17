#include "policy/compiled/intent_faults.h"

#include "core/decide/intent_faults.h"
#include "core/decide/intent_targets.h"
#include "core/decide/placeholders.h"
#include "core/decide/sticky_key.h"
#include "core/http/fields.h"
#include "core/http/hosts.h"
#include "policy/compiled/text_placeholders.h"

namespace fingerpost::policy::compiled {
namespace {

constexpr int64_t kYear = int64_t{365} * 24 * 3600;
constexpr int kMaxAllowedHosts = 4096;
constexpr size_t kMaxCookieName = 64;

void CheckMaxAge(const google::protobuf::Duration& age, const message::Place& at,
                 message::Faults& faults) {
  if (age.nanos() != 0 || age.seconds() < 0 || age.seconds() > kYear) {
    faults.Error(at, "expected whole seconds from 0s to 31536000s");
  }
}

void CheckTargetTexts(const v1::Intent& intent, const message::Place& at, message::Faults& faults) {
  decide::ForEachTarget(intent, at, [&](const message::Place& place, const std::string& target) {
    if (http::LacksTwoSlashes(target)) faults.Error(place, kTwoSlashesExpected);
    CheckTransformations(target, place, faults);
  });
}

}  // namespace

void CheckTrust(const v1::Intent& intent, const message::Place& at, message::Faults& faults) {
  if (intent.trust() == v1::TRUST_UNSPECIFIED || intent.trust() == v1::TRUST_POLICY) return;
  faults.Error(at["trust"], "is the policy's for every intent of a policy; remove it");
}

void CheckIntent(const v1::Intent& intent, const v1::Defaults& defaults, const message::Place& at,
                 message::Faults& faults) {
  decide::CheckIntent(intent, intent.target(), defaults, at, faults);
  CheckTargetTexts(intent, at, faults);
  const message::Place links = at["links"];
  for (int i = 0; i < intent.links_size(); ++i) {
    const std::string& target = intent.links(i).target();
    if (decide::BeforePlaceholders(target).size() != target.size()) {
      faults.Error(
          links.Element(i, "target"),
          "has a placeholder, and links are literal; write \"%7B\" and \"%7D\" for braces");
    }
  }
}

void CheckNoPlaceholders(const v1::Intent& intent, const message::Place& at, std::string_view why,
                         message::Faults& faults) {
  decide::ForEachTarget(intent, at, [&](const message::Place& place, const std::string& target) {
    const std::string_view written = decide::BeforePlaceholders(target);
    if (written.size() == target.size()) return;
    faults.Error(place, "has a placeholder, and " + std::string(why) +
                            "; write \"%7B\" and \"%7D\" for braces");
  });
}

void CheckShareKey(const v1::StickyKey& key, const message::Place& at, message::Faults& faults) {
  decide::CheckStickyKey(key, at, faults);
}

void CheckDefaults(const v1::Defaults& defaults, const message::Place& at,
                   message::Faults& faults) {
  CheckMaxAge(defaults.permanent_max_age(), at["permanent_max_age"], faults);
  CheckMaxAge(defaults.gone_max_age(), at["gone_max_age"], faults);
  if (!defaults.flash_cookie().empty() && (!http::IsToken(defaults.flash_cookie()) ||
                                           defaults.flash_cookie().size() > kMaxCookieName)) {
    faults.Error(at["flash_cookie"],
                 "is not a cookie's name; expected letters, digits and \"-\", at most 64");
  }
  // The members that an intent has, too, are the core's to judge.
  v1::Intent intent;
  intent.set_purpose(v1::PURPOSE_PERMANENT_MOVE);
  intent.set_target("/");
  intent.set_compatibility(defaults.compatibility());
  intent.set_unsafe_target(defaults.unsafe_target());
  intent.set_fallback_target(defaults.fallback_target());
  if (defaults.has_hsts()) *intent.mutable_hsts() = defaults.hsts();
  if (defaults.has_cors()) *intent.mutable_cors() = defaults.cors();
  if (defaults.has_query()) {
    *intent.mutable_query() = defaults.query();
    if (defaults.query().mode() == v1::QUERY_MODE_UNSPECIFIED) {
      faults.Error(at["query.mode"],
                   "is missing; expected keep, drop, merge_target_wins, merge_request_wins or "
                   "append");
    }
  }
  CheckTargetTexts(intent, at, faults);
  CheckNoPlaceholders(intent, at, "the settings hold for all intents", faults);
  http::CheckHostPatterns(defaults.allowed_hosts(), kMaxAllowedHosts, at["allowed_hosts"], faults);
  decide::CheckIntent(intent, intent.target(), defaults, at, faults);
}

}  // namespace fingerpost::policy::compiled

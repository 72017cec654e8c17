#include "core/decide/intent_faults.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <string>

#include "core/decide/cors.h"
#include "core/decide/flash.h"
#include "core/decide/link_field.h"
#include "core/decide/placeholders.h"
#include "core/decide/response_cookies.h"
#include "core/decide/robots_tag.h"
#include "core/decide/sticky_key.h"
#include "core/http/field_syntax.h"
#include "core/http/fields.h"
#include "core/http/hosts.h"
#include "core/http/url.h"
#include "core/message/timestamp.h"

namespace fingerpost::decide {
namespace {

constexpr int64_t kYear = int64_t{365} * 24 * 3600;
constexpr int64_t kDay = int64_t{24} * 3600;
constexpr int kMaxIntentHosts = 256;
constexpr int kMaxRedirectUris = 256;  // A client registers a handful.
constexpr int kMaxWeighted = 64;
constexpr uint32_t kMaxWeight = 1000000;
constexpr int kMaxAlternatives = 64;  // Link must fit into a response head.
constexpr int kMaxLookedAt = 32;
constexpr int kMaxNames = 64;  // response parameters, query names
constexpr size_t kMaxChallenge = 1024;
constexpr size_t kMaxShortText = 256;

// Checks the members of one message, which stands at `at`.
class Checker {
 public:
  Checker(const message::Place& at, message::Faults& faults) : at_(at), faults_(faults) {}

  [[gnu::cold]] void Fail(std::string_view member, std::string_view description) {
    FailAt(At(member), description);
  }
  [[gnu::cold]] void FailAt(const message::Place& place, std::string_view description) {
    faults_.Error(place, description);
  }

  void Known(std::string_view member, int value, bool (*is_valid)(int)) {
    if (value != 0 && !is_valid(value)) FailUnknown(member, value);
  }

  void Seconds(std::string_view member, const google::protobuf::Duration& duration, int64_t least,
               int64_t most) {
    if (duration.nanos() != 0) {
      Fail(member, "expected whole seconds");
    } else if (duration.seconds() < least || duration.seconds() > most) {
      Fail(member, "expected " + std::to_string(least) + " s to " + std::to_string(most) +
                       " s, got " + std::to_string(duration.seconds()) + " s");
    }
  }

  void Time(std::string_view member, const google::protobuf::Timestamp& time) {
    if (!message::IsTimestamp(time)) Fail(member, message::kTimestampExpected);
  }

  bool AtMost(std::string_view member, int size, int limit) {
    if (size > limit) FailSize(member, size, limit);
    return size <= limit;
  }

  // Checks a target's text, before it is resolved.
  void TargetText(const message::Place& place, std::string_view text) {
    if (text.empty()) {
      FailAt(place, "required: a URL or a relative reference");
    } else if (text.size() > http::kMaxUrl) {
      FailAt(place, "at most 65536 octets, got " + std::to_string(text.size()));
    } else if (http::HasControl(text)) {
      FailAt(place, "control characters are not allowed in a URL");
    }
  }

  [[nodiscard]] message::Place At(std::string_view member) const { return at_[member]; }
  message::Faults& faults() { return faults_; }

 private:
  [[gnu::cold]] void FailUnknown(std::string_view member, int value) {
    Fail(member, "not a value of this version: " + std::to_string(value));
  }
  [[gnu::cold]] void FailSize(std::string_view member, int size, int limit) {
    Fail(member, "at most " + std::to_string(limit) + ", got " + std::to_string(size));
  }

  const message::Place& at_;
  message::Faults& faults_;
};

void CheckEnums(const v1::Intent& intent, Checker& check) {
  if (intent.purpose() == v1::PURPOSE_UNSPECIFIED) {
    check.Fail("purpose", "required: what the answer is for, for example FORM_RESULT");
  }
  check.Known("purpose", intent.purpose(), v1::Purpose_IsValid);
  check.Known("permanence", intent.permanence(), v1::Permanence_IsValid);
  check.Known("compatibility", intent.compatibility(), v1::Compatibility_IsValid);
  check.Known("client", intent.client(), v1::ClientKind_IsValid);
  check.Known("trust", intent.trust(), v1::Trust_IsValid);
  check.Known("unsafe_target", intent.unsafe_target(), v1::UnsafeTarget_IsValid);
  check.Known("response_mode", intent.response_mode(), v1::ResponseMode_IsValid);
  check.Known("operation_state", intent.operation_state(), v1::OperationState_IsValid);
  if (intent.pinned_status() != 0 &&
      (intent.pinned_status() < 200 || intent.pinned_status() > 599)) {
    check.Fail("pinned_status", "expected a status code, 200 to 599");
  }
}

// Whether the purpose has no target, or an optional one.
bool TargetIsOptional(const v1::Intent& intent) {
  switch (intent.purpose()) {
    case v1::PURPOSE_HTTPS_UPGRADE:
    case v1::PURPOSE_CHOICES:
      return true;
    case v1::PURPOSE_OPERATION_RESULT:
      return intent.operation_state() != v1::OPERATION_STATE_DONE;
    default:
      return !HasTarget(intent.purpose());
  }
}

bool MayBeWeighted(v1::Purpose purpose) {
  return purpose == v1::PURPOSE_REROUTE || purpose == v1::PURPOSE_CAMPAIGN ||
         purpose == v1::PURPOSE_TEMPORARY_MOVE;
}

void CheckWeights(const v1::Intent& intent, std::string_view target, Checker& check) {
  const auto& targets = intent.weighted_targets();
  if (!MayBeWeighted(intent.purpose())) {
    check.Fail("weighted_targets", "only for reroute, campaign and temporary_move");
  }
  if (!target.empty()) {
    check.Fail("weighted_targets", "either target or weighted_targets, not both");
  }
  if (targets.size() < 2) check.Fail("weighted_targets", "at least 2; for one target use target");
  if (!check.AtMost("weighted_targets", targets.size(), kMaxWeighted)) return;
  const message::Place at = check.At("weighted_targets");
  uint64_t total = 0;
  for (int i = 0; i < targets.size(); ++i) {
    check.TargetText(at.Element(i, "target"), targets[i].target());
    total += targets[i].weight();
    if (targets[i].weight() > kMaxWeight) {
      check.FailAt(at.Element(i, "weight"), "expected 0 to 1000000");
    }
  }
  if (total == 0) check.Fail("weighted_targets", "the weights add up to 0");
  CheckStickyKey(intent.sticky_key(), check.At("sticky_key"), check.faults());
}

void CheckTargetTexts(const v1::Intent& intent, std::string_view target, Checker& check) {
  if (!intent.weighted_targets().empty()) {
    CheckWeights(intent, target, check);
  } else if (!target.empty()) {
    check.TargetText(check.At("target"), target);
    if (!HasTarget(intent.purpose()) && intent.purpose() != v1::PURPOSE_UNSPECIFIED) {
      check.Fail("target",
                 "validation_failed, gone, not_found and "
                 "unavailable_for_legal_reasons have no target");
    }
  } else if (!TargetIsOptional(intent)) {
    check.Fail("target", "required: a URL or a relative reference");
  }
  if (!intent.fallback_target().empty()) {
    check.TargetText(check.At("fallback_target"), intent.fallback_target());
  }
}

void CheckFlash(const v1::Flash& flash, Checker& check) {
  if (flash.text().empty()) {
    check.Fail("flash.text", "required: the message");
  } else if (EncodedFlashSize(flash.text()) > kMaxFlashValue) {
    check.Fail("flash.text", "at most 1024 octets once percent-encoded");
  }
  if (!flash.name().empty() && !IsFlashName(flash.name())) {
    check.Fail("flash.name", "expected a cookie name of at most 64 octets without a \"__\" prefix");
  }
  if (flash.has_max_age()) check.Seconds("flash.max_age", flash.max_age(), 1, 400 * kDay);
}

void CheckWindow(const v1::Window& window, Checker& check) {
  check.Known("window.afterwards", window.afterwards(), v1::AfterWindow_IsValid);
  if (!window.has_from() && !window.has_until()) {
    check.Fail("window", "expected from, until or both");
  }
  if (window.has_from()) check.Time("window.from", window.from());
  if (window.has_until()) check.Time("window.until", window.until());
  if (window.has_from() && window.has_until() && window.from() >= window.until()) {
    check.Fail("window.until", "expected an instant after window.from");
  }
}

void CheckCacheAndQuery(const v1::Intent& intent, Checker& check) {
  const v1::CacheWish& cache = intent.cache();
  if (cache.has_max_age()) check.Seconds("cache.max_age", cache.max_age(), 0, kYear);
  if (cache.has_shared_max_age()) {
    check.Seconds("cache.shared_max_age", cache.shared_max_age(), 0, kYear);
  }
  check.Known("cache.visibility", cache.visibility(), v1::Visibility_IsValid);
  const v1::QueryWish& query = intent.query();
  check.Known("query.mode", query.mode(), v1::QueryMode_IsValid);
  if (!check.AtMost("query.allowed_names", query.allowed_names_size(), kMaxNames)) return;
  const message::Place at = check.At("query.allowed_names");
  for (int i = 0; i < query.allowed_names_size(); ++i) {
    const std::string& name = query.allowed_names(i);
    const size_t star = name.find('*');
    if (name.empty() || name.size() > kMaxShortText ||
        (star != std::string::npos && star + 1 != name.size())) {
      check.FailAt(at[i], "expected a name of at most 256 octets, \"*\" at its end only");
    }
  }
}

void CheckAuthorization(const v1::Intent& intent, std::string_view target, Checker& check) {
  if (intent.purpose() == v1::PURPOSE_AUTHORIZATION_RESPONSE &&
      target.find('#') != std::string_view::npos) {
    check.Fail("target", "a redirect URI has no fragment (RFC 6749 §3.1.2)");
  }
  if (check.AtMost("redirect_uris", intent.redirect_uris_size(), kMaxRedirectUris)) {
    const message::Place at = check.At("redirect_uris");
    for (int i = 0; i < intent.redirect_uris_size(); ++i) {
      const std::string& uri = intent.redirect_uris(i);
      if (uri.size() > http::kMaxUrl || http::HasControl(uri) ||
          uri.find('#') != std::string::npos || !http::ParseUrl(uri)) {
        check.FailAt(at[i], "expected an absolute URI without fragment (RFC 6749 §3.1.2)");
      }
    }
  }
  if (!check.AtMost("response_parameters", intent.response_parameters_size(), kMaxNames)) return;
  const message::Place at = check.At("response_parameters");
  for (int i = 0; i < intent.response_parameters_size(); ++i) {
    if (intent.response_parameters(i).name().empty()) {
      check.FailAt(at.Element(i, "name"), "required: a parameter name");
    }
  }
}

void CheckAlternatives(const v1::Intent& intent, Checker& check) {
  if (intent.purpose() == v1::PURPOSE_CHOICES && intent.alternatives().empty()) {
    check.Fail("alternatives", "required for choices: 1 to 64");
  }
  if (!check.AtMost("alternatives", intent.alternatives_size(), kMaxAlternatives)) return;
  const message::Place at = check.At("alternatives");
  for (int i = 0; i < intent.alternatives_size(); ++i) {
    const v1::Alternative& alternative = intent.alternatives(i);
    check.TargetText(at.Element(i, "target"), alternative.target());
    CheckLinkAttributes(alternative.media_type(), alternative.language(), alternative.title(),
                        at[i], check.faults());
  }
}

void CheckHsts(const v1::Hsts& hsts, Checker& check) {
  if (!hsts.has_max_age()) {
    check.Fail("hsts.max_age", "required (RFC 6797 §6.1.1)");
  } else {
    check.Seconds("hsts.max_age", hsts.max_age(), 0, 10 * kYear);
  }
  if (hsts.preload() && (!hsts.include_subdomains() || hsts.max_age().seconds() < kYear)) {
    check.Fail("hsts.preload", "needs include_subdomains and a max_age of at least 31536000 s");
  }
}

void CheckRest(const v1::Intent& intent, const v1::Defaults& defaults, Checker& check) {
  if (intent.purpose() == v1::PURPOSE_OPERATION_RESULT &&
      intent.operation_state() == v1::OPERATION_STATE_UNSPECIFIED) {
    check.Fail("operation_state", "required: PENDING, DONE, FAILED or EXPIRED");
  }
  if (intent.unsafe_target() == v1::UNSAFE_TARGET_FALL_BACK && intent.fallback_target().empty() &&
      defaults.fallback_target().empty()) {
    check.Fail("fallback_target", "required with FALL_BACK");
  }
  if (intent.has_retry_after()) check.Seconds("retry_after", intent.retry_after(), 0, kYear);
  if (!intent.challenge().empty() &&
      (intent.challenge().size() > kMaxChallenge || !http::IsChallenge(intent.challenge()))) {
    check.Fail("challenge",
               "expected an authentication scheme and its parameters in ASCII, at "
               "most 1024 octets (RFC 9110 §11.6.1)");
  }
  if (!check.AtMost("looked_at_fields", intent.looked_at_fields_size(), kMaxLookedAt)) return;
  const message::Place at = check.At("looked_at_fields");
  for (int i = 0; i < intent.looked_at_fields_size(); ++i) {
    if (!http::IsToken(intent.looked_at_fields(i))) {
      check.FailAt(at[i], "not a field name (RFC 9110 §5.1)");
    }
  }
}

// A webhook sender submits no forms and logs nobody in, so there is nothing to forward.
void CheckClient(const v1::Intent& intent, Checker& check) {
  if (intent.client() == v1::CLIENT_KIND_WEBHOOK_SENDER && !intent.redirect_capable() &&
      (intent.purpose() == v1::PURPOSE_FORM_RESULT ||
       intent.purpose() == v1::PURPOSE_AUTHORIZATION_RESPONSE)) {
    check.Fail("purpose", "has no meaning for a webhook sender that is not redirect_capable");
  }
}

}  // namespace

void CheckIntent(const v1::Intent& intent, std::string_view target, const v1::Defaults& defaults,
                 const message::Place& at, message::Faults& faults) {
  Checker check(at, faults);
  CheckEnums(intent, check);
  CheckClient(intent, check);
  CheckTargetTexts(intent, target, check);
  if (intent.has_flash()) CheckFlash(intent.flash(), check);
  if (intent.has_cache() || intent.has_query()) CheckCacheAndQuery(intent, check);
  if (intent.has_window()) CheckWindow(intent.window(), check);
  if (!intent.allowed_hosts().empty()) {
    http::CheckHostPatterns(intent.allowed_hosts(), kMaxIntentHosts, check.At("allowed_hosts"),
                            faults);
  }
  CheckAuthorization(intent, target, check);
  CheckAlternatives(intent, check);
  if (intent.has_hsts()) CheckHsts(intent.hsts(), check);
  if (intent.has_cors()) CheckCors(intent.cors(), check.At("cors"), faults);
  if (!intent.robots().empty()) CheckRobots(intent, at, faults);
  if (!intent.links().empty()) CheckLinks(intent, at, faults);
  if (!intent.cookies().empty()) CheckCookies(intent, defaults, at, faults);
  CheckRest(intent, defaults, check);
}

}  // namespace fingerpost::decide

#include "policy/resolve.h"

#include <optional>
#include <span>

#include "absl/strings/str_format.h"
#include "core/decide.h"
#include "core/enum_names.h"
#include "core/fields.h"
#include "core/url.h"
#include "core/violations.h"
#include "policy/matching.h"
#include "policy/parameters.h"
#include "policy/subject.h"

namespace fingerpost {
namespace {

// A request may not speak with the policy author's authority.
bool CheckOwnIntent(const v1::Intent& intent, v1::Error& error) {
  Violations violations(error);
  if (intent.trust() == v1::TRUST_POLICY) {
    violations.Add("intent.trust",
                   "only a policy gives TRUST_POLICY; expected TRUST_CALLER when your own code "
                   "chose the target, else TRUST_END_USER");
  }
  return violations.Finish();
}

bool UnknownIntent(const Snapshot& snapshot, const std::string& name, v1::Error& error) {
  constexpr size_t kShown = 64;
  Nearest nearest(name);
  for (const auto& [known, intent] : snapshot.intents) nearest.Offer(known);
  std::string hint;
  if (snapshot.intents.empty()) hint = "; it has none at all";
  if (!nearest.Best().empty()) hint = "; did you mean " + nearest.Best() + "?";
  error.set_code("NOT_FOUND");
  error.set_reason(v1::ERROR_REASON_UNKNOWN_INTENT);
  error.set_message("the policy has no intent of that name" + hint);
  v1::FieldViolation& violation = *error.add_violations();
  violation.set_field("intent_name");
  violation.set_description("unknown: " + name.substr(0, kShown) + hint);
  return false;
}

// The request's shape, for an answer that the core does not see. nullopt: `error` is filled.
std::optional<Url> CheckRequest(const v1::HttpRequest& http, v1::Error& error) {
  Violations violations(error);
  CheckMethod(http.method(), "request.method", violations);
  std::optional<Url> url;
  if (http.url().empty()) {
    violations.Add("request.url",
                   "required without intent and intent_name: the policy's rules are matched "
                   "against it");
  } else if (http.url().size() > kMaxUrl) {
    violations.Add("request.url", "expected at most 65536 octets");
  } else {
    url = ParseUrl(http.url());
    if (!url || !IsHttp(*url)) {
      violations.Add("request.url", "expected an absolute http or https URL");
    }
  }
  CheckHeaders(http.headers(), "request.headers", violations);
  if (!violations.Finish()) return std::nullopt;
  return url;
}

// The settings for the request's host. A URL that is none is the core's to report.
const v1::Defaults& DefaultsFor(const Snapshot& snapshot, const v1::DecideRequest& request) {
  if (snapshot.defaults_of.empty()) return snapshot.defaults.front();
  const auto url = ParseUrl(request.request().url());
  if (!url) return snapshot.defaults.front();
  std::vector<HostId> hosts;
  snapshot.hosts.Match(url->get_hostname(), hosts);
  return DefaultsOf(snapshot, hosts);
}

bool DecideNamed(const Snapshot& snapshot, const v1::DecideRequest& request,
                 v1::DecideResponse& out, v1::Error& error) {
  const auto found = snapshot.intents.find(std::string_view(request.intent_name()));
  if (found == snapshot.intents.end()) {
    return UnknownIntent(snapshot, request.intent_name(), error);
  }
  const CompiledIntent& named = found->second;
  Violations violations(error);
  CheckParameters(named, request, violations);
  if (!violations.Finish()) return false;
  const NamedQuestion question(named, request);
  return Decide(DecideInput{question.request(),
                            question.intent(),
                            DefaultsFor(snapshot, request),
                            found->first,
                            snapshot.version,
                            {}},
                out, error);
}

}  // namespace

bool Decide(const Snapshot& snapshot, const v1::DecideRequest& request, v1::DecideResponse& out,
            v1::Error& error) {
  if (request.has_intent()) {
    return CheckOwnIntent(request.intent(), error) &&
           Decide(DecideInput{request,
                              request.intent(),
                              DefaultsFor(snapshot, request),
                              {},
                              snapshot.version,
                              {}},
                  out, error);
  }
  if (request.wish_case() == v1::DecideRequest::kIntentName) {
    return DecideNamed(snapshot, request, out, error);
  }
  const auto url = CheckRequest(request.request(), error);
  if (!url) return false;
  return DecideMatched(snapshot, Subject(request, *url, snapshot.hosts), out, error);
}

}  // namespace fingerpost

#include "policy/resolve/resolve.h"

#include <optional>
#include <string_view>

#include "absl/strings/str_format.h"
#include "core/decide/decide.h"
#include "core/decide/question_faults.h"
#include "core/http/fields.h"
#include "core/http/request.h"
#include "core/http/url.h"
#include "core/message/nearest.h"
#include "core/message/violations.h"
#include "policy/compiled/subject.h"
#include "policy/resolve/matching.h"
#include "policy/resolve/named_question.h"

namespace fingerpost::policy::resolve {
namespace {

bool UnknownIntent(const compiled::Snapshot& snapshot, const std::string& name, v1::Error& error) {
  constexpr size_t kShown = 64;
  message::Nearest nearest(name);
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

// The request's faults, for an answer that the core does not see. `url` becomes its URL.
bool CheckRequest(const v1::DecideRequest& request, std::string_view why_url,
                  std::optional<http::Url>& url, v1::Error& error) {
  error.Clear();
  message::Violations violations(error);
  http::ReadRequest(request.request(), why_url, http::kMaxHeaders, url, violations);
  decide::CheckParameters(request.parameters(), violations);
  decide::CheckNow(request, violations);
  return violations.Finish();
}

// Every fault of a request whose parameters are not the intent's.
bool Refuse(const compiled::NamedIntent& named, const v1::DecideRequest& request,
            v1::Error& error) {
  error.Clear();
  message::Violations violations(error);
  std::optional<http::Url> url;
  http::ReadRequest(request.request(), {}, http::kMaxHeaders, url, violations);
  CheckDeclaredParameters(named, request, violations);
  decide::CheckNow(request, violations);
  return violations.Finish();
}

// The settings for the request's host. A URL that is none is the core's to report.
const v1::Defaults& DefaultsFor(const compiled::Snapshot& snapshot,
                                const v1::DecideRequest& request) {
  if (snapshot.defaults_of.empty()) return snapshot.defaults.front();
  const auto url = http::ParseUrl(request.request().url());
  if (!url) return snapshot.defaults.front();
  std::vector<compiled::HostId> hosts;
  snapshot.hosts.Match(url->get_hostname(), hosts);
  return compiled::DefaultsOf(snapshot, hosts);
}

bool DecideNamed(const compiled::Snapshot& snapshot, const v1::DecideRequest& request,
                 v1::DecideResponse& out, v1::Error& error) {
  const auto found = snapshot.intents.find(std::string_view(request.intent_name()));
  std::optional<http::Url> url;
  if (found == snapshot.intents.end()) {
    return CheckRequest(request, {}, url, error) &&
           UnknownIntent(snapshot, request.intent_name(), error);
  }
  const compiled::NamedIntent& named = found->second;
  message::Violations violations(error);
  CheckDeclaredParameters(named, request, violations);
  if (!violations.empty()) return Refuse(named, request, error);
  const NamedQuestion question(named, request);
  return decide::Decide(decide::Input{question.request(),
                                      question.intent(),
                                      DefaultsFor(snapshot, request),
                                      found->first,
                                      snapshot.version,
                                      {}},
                        out, error);
}

}  // namespace

bool Decide(const compiled::Snapshot& snapshot, const v1::DecideRequest& request,
            v1::DecideResponse& out, v1::Error& error) {
  if (request.has_intent()) {
    return decide::Decide(
        decide::Input{
            request, request.intent(), DefaultsFor(snapshot, request), {}, snapshot.version, {}},
        out, error);
  }
  if (request.wish_case() == v1::DecideRequest::kIntentName) {
    return DecideNamed(snapshot, request, out, error);
  }
  std::optional<http::Url> url;
  if (!CheckRequest(request,
                    "required without intent and intent_name: the policy's rules are matched "
                    "against it",
                    url, error)) {
    return false;
  }
  return DecideMatched(snapshot, compiled::Subject(request, *url, snapshot.hosts), out, error);
}

}  // namespace fingerpost::policy::resolve
